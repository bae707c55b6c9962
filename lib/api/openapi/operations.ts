import { taskStatuses } from '../../tasks/task.ts';
import type { AnswerName } from './answer-schemas.ts';
import type { JsonSchema } from './json-schema.ts';

type Parameter = { in: 'path' | 'query' | 'header'; name: string; description: string; schema: JsonSchema };

export type Operation = {
  operationId: string;
  tag: 'Video' | 'Images' | 'Models' | 'Callbacks' | 'Gateway';
  method: 'get' | 'post';
  /** Below `/v1`, as the seeds write it; `fromRoot` where it stands beside `/v1`. */
  path: string;
  fromRoot?: true;
  summary: string;
  parameters?: readonly Parameter[];
  request?: { schema: string | JsonSchema; required: boolean };
  answer:
    | { status: 200 | 202; description: string; schema?: AnswerName }
    | { status: 302; description: string };
  headers?: readonly HeaderName[];
  /** Statuses of refusals, beside those that every route has. */
  refusals: readonly Refusal[];
};

export type HeaderName = keyof typeof headers;
export const headers = {
  'X-Clear-Resolved-Model': 'The model that serves, where the one asked for is retired.',
  'X-Clear-Ignored-Metadata': 'Keys of metadata that were not passed on.',
  'X-Clear-Warnings': 'What was asked for and is not honoured, or only roughly.',
  'X-Clear-Fallback-Level': 'Which model of the fallback chain served, counted from 0.',
  'X-Clear-Fallback-Model': 'That model, where it is not the first.',
  'Idempotent-Replayed': 'true on the first answer given again.',
  'Retry-After': 'Seconds after which asking again makes sense.',
  'openai-poll-after-ms': 'The same in milliseconds, for OpenAI’s SDKs.',
  Location: 'Where the content is.',
} as const;

export type Refusal = keyof typeof refusals;
export const refusals = {
  400: 'Something in the request is wrong; the message names every field.',
  401: 'The API key is missing, unknown, disabled or expired.',
  403: 'The link was not made by this gateway, or has been changed.',
  404: 'There is no such thing, or it belongs to somebody else.',
  409: 'Not possible in the present state.',
  410: 'The link has expired.',
  413: 'The body is larger than 5 MB.',
  415: 'The body is not declared as JSON.',
  429: 'Too many requests; Retry-After says how long to wait.',
  500: 'The gateway’s own fault.',
  502: 'The provider failed.',
  503: 'The model cannot be served now.',
} as const;

const taskId: Parameter = {
  in: 'path',
  name: 'task_id',
  description: 'The id that the submission answered.',
  schema: { type: 'string', pattern: '^task_[0-9A-Za-z]{32}$' },
};
const limit: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'How many at most.',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
};
const after: Parameter = {
  in: 'query',
  name: 'after',
  description: 'last_id of the page before.',
  schema: { type: 'string' },
};
const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description: 'Requests with the same key and the same body make one task, and all get its answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const linkPart = (name: string): Parameter => ({
  in: 'query',
  name,
  description: 'As it stands in the link.',
  schema: { type: 'string' },
});

const timeOr = (what: string): JsonSchema => ({
  description: `${what}: Unix seconds, or ISO 8601 with its zone.`,
  anyOf: [{ type: 'number' }, { type: 'string' }],
});

const body = [400, 413, 415] as const;

export const operations: readonly Operation[] = [
  {
    operationId: 'createVideoTask',
    tag: 'Video',
    method: 'post',
    path: '/video/generations',
    summary: 'Submit a video task',
    parameters: [idempotencyKey],
    request: { schema: 'VideoGenerationRequest', required: true },
    answer: {
      status: 200,
      description: 'Task accepted (async: poll /v1/video/generations/{task_id}, or give a callback_url)',
      schema: 'VideoSubmitResponse',
    },
    headers: ['X-Clear-Resolved-Model', 'X-Clear-Ignored-Metadata', 'Idempotent-Replayed'],
    refusals: [...body, 404, 409, 503],
  },
  {
    operationId: 'fetchVideoTask',
    tag: 'Video',
    method: 'get',
    path: '/video/generations/{task_id}',
    summary: 'Fetch a video task’s status',
    parameters: [taskId],
    answer: { status: 200, description: 'How the task is doing', schema: 'VideoTaskResponse' },
    headers: ['X-Clear-Resolved-Model', 'Retry-After', 'openai-poll-after-ms'],
    refusals: [404],
  },
  {
    operationId: 'listVideoTasks',
    tag: 'Video',
    method: 'get',
    path: '/video/generations',
    summary: 'List your video tasks, newest first',
    parameters: [
      limit,
      after,
      {
        in: 'query',
        name: 'status',
        description: 'Only tasks of this status.',
        schema: { type: 'string', enum: taskStatuses },
      },
    ],
    answer: { status: 200, description: 'A page of tasks', schema: 'VideoTaskList' },
    refusals: [400, 404],
  },
  {
    operationId: 'cancelVideoTask',
    tag: 'Video',
    method: 'post',
    path: '/video/generations/{task_id}/cancel',
    summary: 'Cancel a task that Kling does not have yet',
    parameters: [taskId],
    answer: { status: 200, description: 'The task, ended', schema: 'VideoTaskResponse' },
    refusals: [404, 409],
  },
  {
    operationId: 'getVideoContent',
    tag: 'Video',
    method: 'get',
    path: '/video/generations/{task_id}/content',
    summary: 'Be sent on to the video',
    parameters: [taskId],
    answer: { status: 302, description: 'The video is at Location' },
    headers: ['Location'],
    refusals: [404, 409],
  },
  {
    operationId: 'listDeliveries',
    tag: 'Callbacks',
    method: 'get',
    path: '/video/generations/{task_id}/deliveries',
    summary: 'List the attempts to deliver a task’s events, newest first',
    parameters: [taskId, limit, after],
    answer: { status: 200, description: 'A page of attempts', schema: 'DeliveryList' },
    refusals: [400, 404],
  },
  {
    operationId: 'redeliverEvent',
    tag: 'Callbacks',
    method: 'post',
    path: '/video/generations/{task_id}/deliveries',
    summary: 'Send a task’s event once more, now, under the same webhook-id',
    parameters: [taskId],
    request: {
      required: false,
      schema: {
        type: 'object',
        properties: { event_id: { type: 'string', description: 'The event of the task’s end if left out.' } },
      },
    },
    answer: { status: 202, description: 'Will be sent', schema: 'Redelivery' },
    refusals: [400, 404, 413],
  },
  {
    operationId: 'testCallback',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/test',
    summary: 'Send a signed test event and see how it went',
    request: {
      required: true,
      schema: {
        type: 'object',
        properties: { url: { type: 'string', description: 'Your workspace’s default if left out.' } },
      },
    },
    answer: { status: 200, description: 'How it went', schema: 'CallbackTestResult' },
    refusals: body,
  },
  {
    operationId: 'recoverCallbacks',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/recover',
    summary: 'Send all events of a time again that never arrived',
    request: {
      required: true,
      schema: {
        type: 'object',
        required: ['since'],
        properties: { since: timeOr('From'), until: timeOr('To; now if left out') },
      },
    },
    answer: { status: 202, description: 'Will be sent in the background', schema: 'CallbackRecovery' },
    refusals: body,
  },
  {
    operationId: 'getCallbackSecret',
    tag: 'Callbacks',
    method: 'get',
    path: '/callbacks/secret',
    summary: 'Get the secret that verifies your callbacks',
    answer: { status: 200, description: 'The signing secret', schema: 'CallbackSecret' },
    refusals: [],
  },
  {
    operationId: 'rotateCallbackSecret',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/secret/rotate',
    summary: 'Make a new signing secret; for 24 hours both sign',
    answer: { status: 200, description: 'The new signing secret', schema: 'CallbackSecret' },
    refusals: [],
  },
  {
    operationId: 'createImage',
    tag: 'Images',
    method: 'post',
    path: '/images/generations',
    summary: 'Create an image',
    request: { schema: 'ImageGenerationRequest', required: true },
    answer: { status: 200, description: 'OK', schema: 'ImageResponse' },
    headers: [
      'X-Clear-Resolved-Model',
      'X-Clear-Fallback-Level',
      'X-Clear-Fallback-Model',
      'X-Clear-Warnings',
    ],
    refusals: [...body, 404, 502, 503],
  },
  {
    operationId: 'listModels',
    tag: 'Models',
    method: 'get',
    path: '/models',
    summary: 'List the models',
    answer: { status: 200, description: 'All models', schema: 'ModelList' },
    refusals: [],
  },
  {
    operationId: 'getModel',
    tag: 'Models',
    method: 'get',
    path: '/models/{model_id}',
    summary: 'Get one model',
    parameters: [
      {
        in: 'path',
        name: 'model_id',
        description: 'With its prefix; the slash may be written as it is or as %2F.',
        schema: { type: 'string', examples: ['kling/kling-v3'] },
      },
    ],
    answer: { status: 200, description: 'The model', schema: 'Model' },
    refusals: [404],
  },
  {
    operationId: 'getFile',
    tag: 'Gateway',
    method: 'get',
    path: '/files/{id}',
    fromRoot: true,
    summary: 'Be sent on to a stored file, by a link that the gateway has made',
    parameters: [
      { in: 'path', name: 'id', description: 'As it stands in the link.', schema: { type: 'string' } },
      linkPart('expires'),
      linkPart('signature'),
    ],
    answer: { status: 302, description: 'The file is at Location' },
    headers: ['Location'],
    refusals: [403, 410],
  },
  {
    operationId: 'receiveKlingPush',
    tag: 'Gateway',
    method: 'post',
    path: '/hooks/kling/{task_id}/{token}',
    fromRoot: true,
    summary: 'Take news from Kling, as a hint to ask',
    parameters: [
      taskId,
      { in: 'path', name: 'token', description: 'Known to Kling alone.', schema: { type: 'string' } },
    ],
    answer: { status: 200, description: 'Taken', schema: 'PushReceipt' },
    refusals: [404],
  },
  {
    operationId: 'getOpenApi',
    tag: 'Gateway',
    method: 'get',
    path: '/openapi.json',
    fromRoot: true,
    summary: 'Get this document',
    answer: { status: 200, description: 'This document' },
    refusals: [],
  },
  {
    operationId: 'getHealth',
    tag: 'Gateway',
    method: 'get',
    path: '/healthz',
    fromRoot: true,
    summary: 'See whether the gateway answers',
    answer: { status: 200, description: 'It does', schema: 'Health' },
    refusals: [],
  },
];
