import * as z from 'zod/mini';
import { capPeriods } from '../../cap.ts';
import { type EventType, imageEventTypes, videoEventTypes } from '../../tasks/delivery.ts';
import type { JsonSchema } from './json-schema.ts';

type SentType = EventType | 'callback.test';
type EventName = keyof typeof eventTypesByName;

/** Every event that a receiver can get, by the name of its schema. */
const eventTypesByName = {
  VideoCompletedEvent: 'video.completed',
  VideoFailedEvent: 'video.failed',
  VideoInProgressEvent: 'video.in_progress',
  ImageCompletedEvent: 'image.completed',
  ImageFailedEvent: 'image.failed',
  BudgetWarningEvent: 'budget.warning',
  BudgetExhaustedEvent: 'budget.exhausted',
  CallbackTestEvent: 'callback.test',
} as const satisfies Record<string, SentType>;

const eventNames = Object.keys(eventTypesByName) as EventName[];

const summaries: Record<SentType, string> = {
  'video.completed': 'A video is ready',
  'video.failed': 'A video has failed',
  'video.in_progress': 'A video is being rendered, for those who asked for it',
  'image.completed': 'The images of a task are ready',
  'image.failed': 'The images of a task have failed',
  'budget.warning': 'Your workspace has committed 80 % of its cap',
  'budget.exhausted': 'Your workspace has committed its cap, or a request no longer fits',
  'callback.test': 'A test, which was asked for at /callbacks/test',
};

const usd = z.string().check(z.describe('Decimal text, in US dollars.'));
const budget = z.object({
  cap_usd: usd,
  spent_usd: usd.check(z.describe('What is reserved for tasks under way is part of it.')),
  remaining_usd: usd,
  period: z.enum(capPeriods),
  resets_at: z.int().check(z.describe('Unix seconds. When the next period begins.')),
  livemode: z.literal(true),
});

/** One schema for each event, around what it is about. */
export const eventSchemas = (task: z.ZodMiniType) =>
  ({
    VideoCompletedEvent: eventSchema('video.completed', task),
    VideoFailedEvent: eventSchema('video.failed', task),
    VideoInProgressEvent: eventSchema('video.in_progress', task),
    ImageCompletedEvent: eventSchema('image.completed', task),
    ImageFailedEvent: eventSchema('image.failed', task),
    BudgetWarningEvent: eventSchema('budget.warning', budget),
    BudgetExhaustedEvent: eventSchema('budget.exhausted', budget),
    CallbackTestEvent: eventSchema('callback.test', z.object({ message: z.string(), livemode: z.boolean() })),
  }) satisfies Record<EventName, z.ZodMiniType>;

const eventSchema = (type: SentType, data: z.ZodMiniType) =>
  z.object({
    id: z.string().check(z.describe('The same for every attempt, and the header webhook-id.')),
    object: z.literal('event'),
    type: z.literal(type),
    created_at: z.int().check(z.describe('Unix seconds.')),
    timestamp: z.string().check(z.describe('The same, as ISO 8601.')),
    data,
  });

const schemaPath = (name: string) => `#/components/schemas/${name}`;

/** Any of these events, told apart by its type. */
const anyOfEvents = (names: readonly EventName[]): JsonSchema => ({
  oneOf: names.map((name) => ({ $ref: schemaPath(name) })),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(names.map((name) => [eventTypesByName[name], schemaPath(name)])),
  },
});

const eventsOf = (types: readonly string[]) =>
  eventNames.filter((name) => types.includes(eventTypesByName[name]));

export const eventUnions = (): Record<string, JsonSchema> => ({
  VideoEvent: anyOfEvents(eventsOf(videoEventTypes)),
  ImageEvent: anyOfEvents(eventsOf(imageEventTypes)),
});

/** The headers that Standard Webhooks signs with, as parameters that generated receivers can read. */
export const signatureParameters = {
  WebhookId: {
    in: 'header',
    name: 'webhook-id',
    required: true,
    description: 'The id of the event, the same for every attempt: tells repeats apart.',
    schema: { type: 'string' },
  },
  WebhookTimestamp: {
    in: 'header',
    name: 'webhook-timestamp',
    required: true,
    description: 'When this attempt was signed: Unix seconds. Refuse one that is 5 minutes old.',
    schema: { type: 'string' },
  },
  WebhookSignature: {
    in: 'header',
    name: 'webhook-signature',
    required: true,
    description:
      'One or more signatures of id, timestamp and body, separated by spaces, such as v1,<base64>.',
    schema: { type: 'string' },
  },
} as const;

const receivedEvent = (operationId: string, summary: string, schema: string) => ({
  operationId,
  tags: ['Callbacks'],
  summary,
  description: 'Signed as Standard Webhooks say, with the secret of your workspace.',
  security: [],
  parameters: Object.keys(signatureParameters).map((name) => ({ $ref: `#/components/parameters/${name}` })),
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { $ref: schemaPath(schema) } } },
  },
  responses: {
    '2XX': { description: 'Delivered, whatever the body is.' },
    '410': { description: 'Ends the deliveries of this event.' },
    '4XX': { description: 'Tried again later.' },
    '5XX': { description: 'Tried again later.' },
  },
});

export const webhooks = () =>
  Object.fromEntries(
    eventNames.map((name) => {
      const type = eventTypesByName[name];
      return [type, { post: receivedEvent(`receive${name}`, summaries[type], name) }];
    }),
  );

/** Where the address of a callback stands in a request, by what is sent there. */
const addresses = {
  VideoEvent: '{$request.body#/callback_url}',
  ImageEvent: '{$request.body#/callback_url}',
  CallbackTestEvent: '{$request.body#/url}',
} as const;
export type SentEvents = keyof typeof addresses;

/** What a request makes the gateway send. */
export const callbacksOf = (operationId: string, events: SentEvents) => ({
  events: {
    [addresses[events]]: { post: receivedEvent(`${operationId}Callback`, 'An event of the request', events) },
  },
});
