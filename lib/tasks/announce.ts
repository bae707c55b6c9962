import type { Observer } from './observed-task-store.ts';
import type { WakeUps } from './wake-ups.ts';

/** Wakes the delivery of an event as soon as a change has made it due. */
export const createAnnounce =
  (wakeUps: Pick<WakeUps, 'sendDeliver'>): Observer =>
  async (before, { id, workspaceId, delivery }) => {
    if (delivery === undefined || delivery.eventId === before.delivery?.eventId) return;
    await wakeUps.sendDeliver({ taskId: id, eventId: delivery.eventId }, workspaceId);
  };
