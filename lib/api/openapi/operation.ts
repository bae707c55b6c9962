import { taskIdShape } from '../find-task.ts';
import { defaultLimit, maxLimit } from '../read-query.ts';
import type { AnswerName } from './answer-schemas.ts';
import type { SentEvents } from './events.ts';
import type { JsonSchema } from './json-schema.ts';

export type Parameter = {
  in: 'path' | 'query' | 'header';
  name: string;
  description: string;
  schema: JsonSchema;
};

type MediaType = 'application/json' | 'application/octet-stream';

export type Operation = {
  operationId: string;
  tag: 'Video' | 'Videos' | 'Images' | 'Models' | 'Callbacks' | 'Gateway';
  method: 'get' | 'post' | 'delete';
  /** Below `/v1`, as the seeds write it. */
  path: string;
  withoutKey?: true;
  /** With `estimate=true` it answers what it would cost. */
  estimates?: true;
  summary: string;
  description: string;
  /** What it makes the gateway send to the caller. */
  events?: SentEvents;
  parameters?: readonly Parameter[];
  /** `form`: the schema of the same fields as `multipart/form-data`. */
  request?: { schema: string | JsonSchema; required: boolean; form?: string };
  answers: readonly {
    status: 200 | 202 | 206 | 302;
    description: string;
    schema?: AnswerName;
    mediaType?: MediaType;
  }[];
  headers?: readonly HeaderName[];
  /** Statuses of refusals, beside those that every route has. */
  refusals: readonly Refusal[];
};

type HeaderName = keyof typeof headers;
export const headers = {
  'X-Clear-Resolved-Model': 'The model that serves, where the one asked for is retired.',
  'X-Clear-Ignored-Fields': 'Fields of the request that were ignored, those of metadata among them.',
  'X-Clear-Ignored-Metadata': 'Keys of metadata that were not passed on.',
  'X-Clear-Cost-Usd': 'What the images cost in US dollars, where that is known.',
  'X-Clear-Warnings': 'What was asked for and is not honoured, or only roughly.',
  'X-Clear-Fallback-Level': 'Which model of the fallback chain served, counted from 0.',
  'X-Clear-Fallback-Model': 'That model, where it is not the first.',
  'Idempotent-Replayed': 'true on the first answer given again.',
  'Retry-After': 'Seconds after which asking again makes sense.',
  'openai-poll-after-ms': 'The same in milliseconds, for OpenAI’s SDKs.',
  Location: 'Where the content is, or the task.',
  'Preference-Applied': 'respond-async, where the request preferred it.',
} as const;

type Refusal = keyof typeof refusals;
export const refusals = {
  400: 'Something in the request is wrong; the message names every field.',
  401: 'The API key is missing, unknown, disabled or expired.',
  402: 'It does not fit into what your workspace may still spend; the message says what is left and until when.',
  404: 'There is no such thing, or it belongs to somebody else.',
  405: 'The address takes another method, which Allow names.',
  409: 'Not possible in the present state.',
  410: 'The task was deleted.',
  413: 'The body is larger than 5 MB.',
  415: 'The body is not declared as what the route takes, is not UTF-8, or is compressed.',
  416: 'The Range that was asked for is not in the file; Content-Range says how long that is.',
  429: 'Too many requests; Retry-After says how long to wait.',
  500: 'The gateway’s own fault.',
  502: 'The provider failed.',
  503: 'Not possible now: the model cannot be served, or the gateway’s storage does not answer.',
} as const;

export const taskId: Parameter = {
  in: 'path',
  name: 'task_id',
  description: 'The id that the submission answered.',
  schema: { type: 'string', pattern: taskIdShape.source },
};
export const videoId: Parameter = { ...taskId, name: 'video_id' };
export const limit: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'How many at most.',
  schema: { type: 'integer', minimum: 1, maximum: maxLimit, default: defaultLimit },
};
export const after: Parameter = {
  in: 'query',
  name: 'after',
  description: 'last_id of the page before.',
  schema: { type: 'string' },
};
export const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'Requests with the same key and the same body make one task, and all get its answer. Printable ASCII; other characters count by their percent-encoding.',
  schema: { type: 'string', pattern: '^[^\\x00-\\x1f\\x7f]{1,255}$', minLength: 1, maxLength: 255 },
};
/** Of the content's bytes. */
export const range: Parameter = {
  in: 'header',
  name: 'Range',
  description: 'Which part of the file to send, with redirect=false; else it is for Location.',
  schema: { type: 'string', examples: ['bytes=0-1023'] },
};
export const estimateParameter: Parameter = {
  in: 'query',
  name: 'estimate',
  description:
    'true: make nothing, and answer what the request would cost, as x-answer-to-estimate describes.',
  schema: { type: 'boolean', default: false },
};
/** What a request with a body may be refused for. */
export const bodyRefusals = [400, 413, 415] as const;

export const redirect: Parameter = {
  in: 'query',
  name: 'redirect',
  description: 'false for clients that follow no redirect to another origin.',
  schema: { type: 'string', enum: ['true', 'false'], default: 'true' },
};

/** What both dialects say of accepting a video. */
export const videoCreation = {
  estimates: true,
  parameters: [estimateParameter, idempotencyKey],
  headers: [
    'X-Clear-Resolved-Model',
    'X-Clear-Ignored-Fields',
    'X-Clear-Ignored-Metadata',
    'Idempotent-Replayed',
  ],
  refusals: [...bodyRefusals, 402, 404, 409, 410, 503],
} satisfies Partial<Operation>;

/** What they say of its content. */
export const videoDownload = {
  answers: [
    {
      status: 200,
      description: 'The video, where the gateway serves it itself',
      mediaType: 'application/octet-stream',
    },
    {
      status: 206,
      description: 'The part of it that Range asked for',
      mediaType: 'application/octet-stream',
    },
    { status: 302, description: 'The video is at Location' },
  ],
  headers: ['Location'],
} satisfies Partial<Operation>;

/** What an answer says of when to ask again. */
export const progressHeaders: readonly HeaderName[] = [
  'X-Clear-Resolved-Model',
  'Retry-After',
  'openai-poll-after-ms',
];
