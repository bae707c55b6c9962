import { maxCallbackUrlCharacters } from '../../callbacks/callback-url.ts';
import { maxWaitSeconds } from '../event-wait.ts';
import type { JsonSchema } from './json-schema.ts';
import { after, bodyRefusals, idempotencyKey, limit, type Operation, taskId } from './operation.ts';

const timeOr = (what: string): JsonSchema => ({
  description: `${what}: Unix seconds, or ISO 8601 with its zone.`,
  anyOf: [{ type: 'number' }, { type: 'string' }],
});

export const callbackOperations: readonly Operation[] = [
  {
    operationId: 'listEvents',
    tag: 'Callbacks',
    method: 'get',
    path: '/events',
    summary: 'Read the events of your tasks, oldest first',
    description:
      'Each end of a task, with or without a callback URL, as long as the task is kept, and what is told of your workspace’s budget; an event may come twice, with the same id. To follow the feed, ask again with the cursor.',
    parameters: [
      {
        in: 'query',
        name: 'after',
        description:
          'The cursor of the page before, or a time: Unix seconds, or ISO 8601 with its zone. Left out: from the oldest on.',
        schema: { type: 'string' },
      },
      {
        in: 'query',
        name: 'types',
        description: 'Only events of these types, separated by commas.',
        schema: { type: 'string', examples: ['video.completed,video.failed'] },
      },
      limit,
      {
        in: 'query',
        name: 'wait',
        description: 'For how many seconds to wait for an event where there is none.',
        schema: { type: 'integer', minimum: 0, maximum: maxWaitSeconds, default: 0 },
      },
    ],
    headers: ['Retry-After'],
    answers: [{ status: 200, description: 'A page of events', schema: 'EventList' }],
    refusals: [400],
  },
  {
    operationId: 'listDeliveries',
    tag: 'Callbacks',
    method: 'get',
    path: '/video/generations/{task_id}/deliveries',
    summary: 'List the attempts to deliver a task’s events, newest first',
    description: 'Each attempt with its time, outcome, cause in words and how long each stage took.',
    parameters: [taskId, limit, after],
    answers: [{ status: 200, description: 'A page of attempts', schema: 'DeliveryList' }],
    refusals: [400, 404],
  },
  {
    operationId: 'redeliverEvent',
    tag: 'Callbacks',
    method: 'post',
    path: '/video/generations/{task_id}/deliveries',
    summary: 'Send a task’s event once more, now, under the same webhook-id',
    description: 'For a receiver that was away or refused by mistake. Allowed after a 410, too.',
    parameters: [taskId],
    request: {
      required: false,
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { event_id: { type: 'string', description: 'The event of the task’s end if left out.' } },
      },
    },
    answers: [{ status: 202, description: 'Will be sent', schema: 'Redelivery' }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    operationId: 'testCallback',
    events: 'CallbackTestEvent',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/test',
    summary: 'Send a signed test event and see how it went',
    description: 'Goes the very way of any event: address check, signature, time-outs.',
    request: {
      required: true,
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          url: {
            type: 'string',
            maxLength: maxCallbackUrlCharacters,
            description: 'Your workspace’s default if left out.',
          },
        },
      },
    },
    answers: [{ status: 200, description: 'How it went', schema: 'CallbackTestResult' }],
    refusals: bodyRefusals,
  },
  {
    operationId: 'recoverCallbacks',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/recover',
    summary: 'Send all events of a time again that never arrived',
    description: 'In the background, newest first, at most 14 days back. One runs for a workspace at a time.',
    request: {
      required: true,
      schema: {
        type: 'object',
        required: ['since'],
        additionalProperties: false,
        properties: { since: timeOr('From'), until: timeOr('To; now if left out') },
      },
    },
    answers: [{ status: 202, description: 'Will be sent in the background', schema: 'CallbackRecovery' }],
    refusals: [...bodyRefusals, 409],
  },
  {
    operationId: 'getCallbackSecret',
    tag: 'Callbacks',
    method: 'get',
    path: '/callbacks/secret',
    summary: 'Get the secret that verifies your callbacks',
    description: 'The same for all keys of the workspace.',
    answers: [{ status: 200, description: 'The signing secret', schema: 'CallbackSecret' }],
    refusals: [],
  },
  {
    operationId: 'rotateCallbackSecret',
    tag: 'Callbacks',
    method: 'post',
    path: '/callbacks/secret/rotate',
    summary: 'Make a new signing secret; for 24 hours both sign',
    description:
      'Deploy the new secret within 24 hours. A repeat with the same Idempotency-Key makes no second one.',
    parameters: [idempotencyKey],
    headers: ['Idempotent-Replayed'],
    answers: [{ status: 200, description: 'The new signing secret', schema: 'CallbackSecret' }],
    refusals: bodyRefusals,
  },
];
