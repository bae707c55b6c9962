import * as z from 'zod/mini';
import type { JsonObject } from '../json.ts';

/** ClearMaas's public statuses. */
export const taskStatuses = [
  'NOT_START',
  'UNKNOWN',
  'SUBMITTED',
  'IN_PROGRESS',
  'SUCCESS',
  'FAILURE',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const videoEventTypes = ['video.completed', 'video.failed', 'video.in_progress'] as const;
export const imageEventTypes = ['image.completed', 'image.failed'] as const;
export const eventTypes = [...videoEventTypes, ...imageEventTypes] as const;
export type EventType = (typeof eventTypes)[number];

/** What images to make: the models to try in turn by their public ids, and the request as the API read it. */
const imageWork = z.object({ models: z.array(z.string()), request: z.custom<JsonObject>() });

const action = z.enum(['textGenerate', 'generate', 'omniVideo']);

const image = z.object({ url: z.string(), revisedPrompt: z.exactOptional(z.string()) });

/** Where the client wants to hear of a task, and of what. */
const callback = z.object({ url: z.string(), events: z.array(z.enum(eventTypes)) });

/**
 * One event on its way to the client's URL. A task carries at most one: a terminal event takes the place of an
 * undelivered progress event.
 */
const delivery = z.object({
  /** `evt_…`, the `webhook-id` of every attempt. */
  eventId: z.string(),
  type: z.enum(eventTypes),
  createdAtMs: z.number(),
  state: z.enum(['pending', 'delivered', 'failed']),
  /** Scheduled attempts made so far. Redeliveries asked for by the client do not count. */
  attempts: z.number(),
  /** Why the last attempt did not deliver, in words the client may read. */
  lastCause: z.exactOptional(z.string()),
  /** When the next attempt is due; present while pending. */
  nextAttemptAtMs: z.exactOptional(z.number()),
  /** An attempt is being made; nobody else may make one until then. */
  leaseUntilMs: z.exactOptional(z.number()),
  /** The client asked for an attempt beside the schedule, due since then; possible in every state. */
  redeliverAtMs: z.exactOptional(z.number()),
  /** How often in a row an attempt was put off because its receiver was busy or failing. */
  deferrals: z.exactOptional(z.number()),
});

/** Everything about handing a task to its provider once. */
const submission = z.object({
  notBeforeMs: z.number(),
  /** A worker has claimed the submission until then. */
  leaseUntilMs: z.exactOptional(z.number()),
  /** How often it was claimed. */
  attempts: z.number(),
  /** When a create was last sent whose answer we do not have. Present: look it up before creating again. */
  unansweredSinceMs: z.exactOptional(z.number()),
  /** How often that create was looked up without being found. */
  lookUps: z.number(),
  /** An earlier create was neither answered nor found, so that another was sent. It may have arrived all the same. */
  mayHaveArrived: z.exactOptional(z.literal(true)),
  /** Where the task waits in a line; absent where it does not. */
  place: z.exactOptional(z.string()),
  /** Which line that is: that of its workspace; absent: the one for the model's slots at the provider. */
  line: z.exactOptional(z.literal('workspace')),
  /** It is one of those that its workspace may have in flight, until it has ended. */
  counted: z.exactOptional(z.literal(true)),
  /** It has stood in the line for a slot of the provider, so that its end lets the next one in. */
  hasWaited: z.exactOptional(z.literal(true)),
});

/** What a stored task looks like. Fields are only ever added, and then optional: old items stay readable. */
export const taskSchema = z.object({
  /** `task_` and 32 characters of `[0-9A-Za-z]`. */
  id: z.string(),
  workspaceId: z.string(),
  /** Counts writes; each one is conditional on the version that it was decided on. */
  version: z.number(),
  /** The public model id as the caller wrote it, and that of the model which serves it. */
  model: z.string(),
  resolvedModel: z.string(),
  /** Absent: a video. Images are made by one long call to a provider, which cannot be asked about it. */
  kind: z.exactOptional(z.literal('image')),
  action,
  status: z.enum(taskStatuses),
  createdAtMs: z.number(),
  /** Past this, a task that has not ended fails. */
  deadlineAtMs: z.number(),
  /** When the task may be forgotten. DynamoDB's TTL, in seconds. */
  expiresAtSeconds: z.number(),
  /** Fingerprint of the caller's request body, to recognise a repeat. */
  requestHash: z.string(),
  /** The caller's own reference (`metadata.external_task_id`), echoed. */
  callerReference: z.exactOptional(z.string()),
  callback: z.exactOptional(callback),
  /** How long this kind of render takes at the median; basis of progress and polling. */
  typicalSeconds: z.number(),
  /** How far renders of this kind spread: the standard deviation of their logarithms. Absent: as usual. */
  renderSpread: z.exactOptional(z.number()),
  /** Model, mode and length, by which render times are learned; absent where they are not. */
  renderKind: z.exactOptional(z.string()),

  /** What to make, a `VideoRequest`; erased once the provider has it. */
  request: z.exactOptional(
    z.object({ action, upstreamModel: z.string(), parameters: z.custom<JsonObject>() }),
  ),
  /** Of an image task, instead of `request`; erased at its end. */
  imageWork: z.exactOptional(imageWork),
  submission,

  /** A `ProviderOperation`. */
  operation: z.exactOptional(z.object({ action, id: z.string() })),
  submittedAtMs: z.exactOptional(z.number()),
  startedAtMs: z.exactOptional(z.number()),
  endedAtMs: z.exactOptional(z.number()),
  /** Names the current chain of poll messages; a message of another chain is stale. */
  pollChain: z.number(),
  /** If nothing was heard of the poll chain by then, the sweep starts another. */
  pollOverdueAtMs: z.exactOptional(z.number()),
  /** When the provider's push last made us ask, or will: keeps looks 2 s apart. */
  pushPollAtMs: z.exactOptional(z.number()),
  /** The provider's pushes reach us: one was heard that asked for no look. */
  hearsPushes: z.exactOptional(z.literal(true)),

  /** The provider's link to a video that is ready, while copying it has failed so far. */
  uncopiedUrl: z.exactOptional(z.string()),
  resultUrl: z.exactOptional(z.string()),
  /** All that an image task made; `resultUrl` is the first. */
  images: z.exactOptional(z.array(image)),
  failReason: z.exactOptional(z.string()),
  delivery: z.exactOptional(delivery),
});

/** One accepted generation request and its state: the only truth about it. */
export type Task = z.infer<typeof taskSchema>;
export type ImageWork = z.infer<typeof imageWork>;
export type TaskImage = z.infer<typeof image>;
export type TaskCallback = z.infer<typeof callback>;
export type Delivery = z.infer<typeof delivery>;

export const isEnded = (task: Pick<Task, 'status'>): boolean =>
  task.status === 'SUCCESS' || task.status === 'FAILURE';
