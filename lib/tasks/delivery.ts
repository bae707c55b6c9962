import * as z from 'zod/mini';

export const videoEventTypes = ['video.completed', 'video.failed', 'video.in_progress'] as const;
export const imageEventTypes = ['image.completed', 'image.failed'] as const;
export const taskEventTypes = [...videoEventTypes, ...imageEventTypes] as const;
export type TaskEventType = (typeof taskEventTypes)[number];
/** Of a workspace, about none of its tasks. */
const budgetEventTypes = ['budget.warning', 'budget.exhausted'] as const;
export const eventTypes = [...taskEventTypes, ...budgetEventTypes] as const;
export type EventType = (typeof eventTypes)[number];

/** Where the client wants to be called about a task, and which events it wants. */
export const callback = z.object({ url: z.string(), events: z.array(z.enum(taskEventTypes)) });

/**
 * One event on its way to the client's URL. A task carries at most one: a terminal event takes the place of an
 * undelivered progress event.
 */
export const delivery = z.object({
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
  /** All attempts follow within seconds. */
  isFast: z.exactOptional(z.literal(true)),
  /** How often in a row an attempt was put off because its receiver was busy or failing. */
  deferrals: z.exactOptional(z.number()),
});

export type TaskCallback = z.infer<typeof callback>;
export type Delivery = z.infer<typeof delivery>;
