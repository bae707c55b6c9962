import type { Log } from '../observability/log.ts';
import type { Clock } from '../time.ts';
import type { Delivery } from './delivery.ts';

/** What an event is written on. */
type Owner = { taskId: string; workspaceId: string; livemode?: false };

/** Logs that an event was delivered or given up, where a change made it so. */
export type TellDelivery = (owner: Owner, before: Delivery | undefined, after: Delivery | undefined) => void;

export const createTellDelivery =
  (log: Log, now: Clock): TellDelivery =>
  (owner, before, after) => {
    if (after === undefined || after.state === 'pending') return;
    if (before?.eventId === after.eventId && before.state === after.state) return;
    const { eventId, type, attempts, createdAtMs } = after;
    const name = after.state === 'delivered' ? 'callback.delivered' : 'callback.undelivered';
    log.event(name, { ...owner, eventId, type, attempts, delayMs: now() - createdAtMs });
  };
