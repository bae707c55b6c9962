import type { Task } from './task.ts';

/**
 * The task with an attempt to deliver its event due at once, beside the schedule and in whatever way the delivery has
 * ended. `undefined` if it has no event, or not this one.
 */
export const requestRedelivery = (
  task: Task,
  eventId: string | undefined,
  nowMs: number,
): Task | undefined => {
  const { delivery } = task;
  if (delivery === undefined || (eventId ?? delivery.eventId) !== delivery.eventId) return undefined;
  return { ...task, delivery: { ...delivery, redeliverAtMs: nowMs } };
};
