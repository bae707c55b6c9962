import { minuteMs, secondMs } from '../time.ts';
import type { Trigger } from './delivery.ts';

/** What is remembered of one receiver (an origin, as one workspace calls it). Nothing is, while it is well and quiet. */
export type ReceiverHealth = {
  /** Failures in a row that speak of overload. */
  failures: number;
  /** How often in a row its circuit was opened. */
  timesOpened: number;
  /** Its circuit is open: no attempt by the schedule until then. */
  openUntilMs: number;
  /** How many attempts may be under way at once. */
  capacity: number;
};

const defaultCapacity = 4;
const failingCapacity = 2;
const maxCapacity = 32;
/** Over all workspaces, so that none of them together can use the gateway to flood a third party. */
const originCapacity = 256;

/** A receiver that answers within this hardly delays the next event. */
const quickAnswerMs = 300;

const failuresBeforeOpening = 5;
const minOpenMs = 30 * secondMs;
const maxOpenMs = 15 * minuteMs;
const maxBusyWaitMs = 5 * minuteMs;

export const healthy: ReceiverHealth = {
  failures: 0,
  timesOpened: 0,
  openUntilMs: 0,
  capacity: defaultCapacity,
};

/** A receiver that has failed is tried by one or two attempts at a time, not by all that wait for it. */
const capacityOf = ({ failures, timesOpened, capacity }: ReceiverHealth): number => {
  if (timesOpened > 0) return 1;
  return failures > 0 ? failingCapacity : capacity;
};

/** What is going on at a receiver. */
export type ReceiverView = {
  health: ReceiverHealth;
  /** Numbers of the workspace's slots at this origin that are taken. */
  takenSlots: readonly number[];
  /** When the newest of them was taken. */
  lastTakenAtMs: number;
  /** Attempts under way at this origin, of all workspaces. */
  underWay: number;
};

export type Admission =
  | { admitted: true; freeSlots: number[] }
  | { admitted: false; untilMs: number; cause: string };

type Asking = { nowMs: number; trigger: Trigger; deferrals: number; jitter: number };

/** Doubles with each time that an attempt found no slot, so that a long queue does not keep asking. */
export const busyUntilMs = ({ nowMs, deferrals, jitter }: Omit<Asking, 'trigger'>): number =>
  nowMs + Math.round(Math.min((1 + 4 * jitter) * secondMs * 2 ** deferrals, maxBusyWaitMs));

export const busyCause = 'put off for a moment: enough events are on their way to your server already';

/** Whether one more attempt may start now. One that a client asks for goes through an open circuit. */
export const admit = (view: ReceiverView, asking: Asking): Admission => {
  const { health, takenSlots, underWay } = view;
  if (asking.trigger === 'auto' && health.openUntilMs > asking.nowMs)
    return {
      admitted: false,
      untilMs: health.openUntilMs + Math.round(asking.jitter * minOpenMs),
      cause: `put off: your server failed ${health.failures} times in a row and is left alone for a while`,
    };
  const capacity = capacityOf(health);
  const slots = Array.from({ length: capacity }, (_, slot) => slot);
  const freeSlots = slots.filter((slot) => !takenSlots.includes(slot));
  if (takenSlots.length >= capacity || underWay >= originCapacity)
    return { admitted: false, untilMs: busyUntilMs(asking), cause: busyCause };
  return { admitted: true, freeSlots };
};

/**
 * Whether a slot will probably be free in a moment, for the receiver answers quickly. One that has let its slots be
 * held for longer than this is not waited for, since the wait would take a worker from other receivers.
 */
export const isWorthWaitingFor = ({ health, lastTakenAtMs }: ReceiverView, nowMs: number): boolean =>
  health.failures === 0 && nowMs - lastTakenAtMs < quickAnswerMs;

/** Until when a receiver's circuit is now to be open; `undefined` if it stays as it is. */
export const openUntilAfterFailure = (
  { failures, timesOpened, openUntilMs }: ReceiverHealth,
  nowMs: number,
) =>
  failures < failuresBeforeOpening || openUntilMs > nowMs
    ? undefined
    : nowMs + Math.min(minOpenMs * 2 ** timesOpened, maxOpenMs);

/** The capacity that a receiver gets which answered well while all its slots were taken; `undefined` for none more. */
export const grownCapacity = ({ health, takenSlots }: ReceiverView): number | undefined =>
  health.failures === 0 && takenSlots.length + 1 >= health.capacity && health.capacity < maxCapacity
    ? Math.min(2 * health.capacity, maxCapacity)
    : undefined;
