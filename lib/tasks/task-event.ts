import type { Delivery, EventType } from './delivery.ts';
import { isEnded, type Task } from './task.ts';
import { eventIdFor } from './task-id.ts';

/** Which event, and when it happened: all that its bytes depend on beside the task. */
export type EventHead = Pick<Delivery, 'eventId' | 'type' | 'createdAtMs'>;

/** One id per task and type, whether or not the event is called back. */
export const eventHead = (taskId: string, type: EventType, createdAtMs: number): EventHead => ({
  eventId: eventIdFor(taskId, type),
  type,
  createdAtMs,
});

/** Its delivery, due at once. */
export const newDelivery = (head: EventHead): Delivery => ({
  ...head,
  state: 'pending',
  attempts: 0,
  nextAttemptAtMs: head.createdAtMs,
});

/**
 * The event of a task that the feed shows: its end, with or without a callback. Until then its progress event, where one was
 * asked for; the end takes its place there, as it does in the delivery.
 */
export const feedEventOf = (task: Task): EventHead | undefined => {
  if (isEnded(task)) {
    const outcome = task.result.status === 'SUCCESS' ? 'completed' : 'failed';
    return eventHead(task.id, `${task.kind}.${outcome}`, task.endedAtMs);
  }
  return task.delivery;
};
