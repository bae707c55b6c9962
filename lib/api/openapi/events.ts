import * as z from 'zod/mini';
import { capPeriods } from '../../cap.ts';
import { type EventType, imageEventTypes, videoEventTypes } from '../../tasks/delivery.ts';
import { type JsonSchema, schemaPath } from './json-schema.ts';

const usd = z.string().check(z.describe('Decimal text, in US dollars.'));
const budget = z.object({
  cap_usd: usd,
  spent_usd: usd.check(z.describe('What is reserved for tasks under way is part of it.')),
  remaining_usd: usd,
  period: z.enum(capPeriods),
  resets_at: z.int().check(z.describe('Unix seconds. When the next period begins.')),
  livemode: z.literal(true),
});

type SentType = EventType | 'callback.test';
/** `data`: what it is about, where that is no task. */
type SentEvent = { type: SentType; summary: string; data?: z.ZodMiniType };

/** Every event that a receiver can get, by the name of its schema. */
const events = {
  VideoCompletedEvent: { type: 'video.completed', summary: 'A video is ready' },
  VideoFailedEvent: { type: 'video.failed', summary: 'A video has failed' },
  VideoInProgressEvent: {
    type: 'video.in_progress',
    summary: 'A video is being rendered, for those who asked for it',
  },
  ImageCompletedEvent: { type: 'image.completed', summary: 'The images of a task are ready' },
  ImageFailedEvent: { type: 'image.failed', summary: 'The images of a task have failed' },
  BudgetWarningEvent: {
    type: 'budget.warning',
    summary: 'Your workspace has committed 80 % of its cap',
    data: budget,
  },
  BudgetExhaustedEvent: {
    type: 'budget.exhausted',
    summary: 'Your workspace has committed its cap, or a request no longer fits',
    data: budget,
  },
  CallbackTestEvent: {
    type: 'callback.test',
    summary: 'A test, which was asked for at /callbacks/test',
    data: z.object({ message: z.string(), livemode: z.boolean() }),
  },
} satisfies Record<string, SentEvent>;

type EventName = keyof typeof events;
const namedEvents = Object.entries<SentEvent>(events) as [EventName, SentEvent][];

/** One schema for each event, around what it is about. */
export const eventSchemas = (task: z.ZodMiniType) =>
  Object.fromEntries(
    namedEvents.map(([name, { type, data = task }]) => [name, eventSchema(type, data)]),
  ) as Record<EventName, ReturnType<typeof eventSchema>>;

const eventSchema = (type: SentType, data: z.ZodMiniType) =>
  z.object({
    id: z.string().check(z.describe('The same for every attempt, and the header webhook-id.')),
    object: z.literal('event'),
    type: z.literal(type),
    created_at: z.int().check(z.describe('Unix seconds.')),
    timestamp: z.string().check(z.describe('The same, as ISO 8601.')),
    data,
  });

/** Any of these events, told apart by its type. */
const anyOfEvents = (names: readonly EventName[]): JsonSchema => ({
  oneOf: names.map((name) => ({ $ref: schemaPath(name) })),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(names.map((name) => [events[name].type, schemaPath(name)])),
  },
});

const eventsOf = (types: readonly string[]) =>
  namedEvents.flatMap(([name, { type }]) => (types.includes(type) ? [name] : []));

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
    namedEvents.map(([name, { type, summary }]) => [
      type,
      { post: receivedEvent(`receive${name}`, summary, name) },
    ]),
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
