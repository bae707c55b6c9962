import { setTimeout as sleep } from 'node:timers/promises';
import { createRecentCache } from '../recent-cache.ts';
import { type Clock, secondMs } from '../time.ts';
import type { Trigger } from './delivery.ts';
import { type AttemptOutcome, isOverload } from './read-answer.ts';
import {
  type Admission,
  admit,
  busyCause,
  busyUntilMs,
  grownCapacity,
  isWorthWaitingFor,
  openUntilAfterFailure,
  type ReceiverView,
} from './receiver-health.ts';
import type { Receiver, ReceiverStore, Slot } from './receiver-store.ts';

export type Permit =
  | {
      admitted: true;
      /** Gives the slot back and remembers how the receiver did. To be called however the attempt ends. */
      release(outcome: AttemptOutcome): Promise<void>;
    }
  | (Admission & { admitted: false });

type AttemptRequest = Receiver & { trigger: Trigger; deferrals: number };

/** Keeps one slow or dead receiver from taking all workers: asked before each attempt whether it may start now. */
export type EndpointLimiter = { acquire(attempt: AttemptRequest): Promise<Permit> };

/** How many slots are tried that others may take at the same moment. */
const maxTries = 3;

/** So long after a success a receiver is taken to be well. */
const trustMs = 2 * secondMs;
const maxTrusted = 1_000;

/** Attempts without a slot, at one receiver and in one instance. */
const maxUnlisted = 8;

/** How often a slot is looked for, half a second in all, before the attempt goes back to the queue. */
const maxLooks = 8;
const lookAgainMs = 60;

const nameOf = ({ workspaceId, origin }: Receiver): string => `${workspaceId} ${origin}`;

type Dependencies = {
  receivers: ReceiverStore;
  now: Clock;
  random: () => number;
  wait?: (durationMs: number) => Promise<unknown>;
};

export const createEndpointLimiter = ({
  receivers,
  now,
  random,
  wait = sleep,
}: Dependencies): EndpointLimiter => {
  const successes = createRecentCache<true>({ maxAgeMs: trustMs, maxEntries: maxTrusted, now });
  /** Attempts under way in this instance that took no slot, by receiver. */
  const unlisted = new Map<string, number>();

  /**
   * A receiver that has just answered well is spared the bookkeeping. If it dies now, no more attempts hang unlisted
   * than began within two seconds, and no more than this many in one instance.
   */
  const acquireUnlisted = (receiver: Receiver): Permit | undefined => {
    const name = nameOf(receiver);
    const underWay = unlisted.get(name) ?? 0;
    if (!successes.get(name) || underWay >= maxUnlisted) return undefined;
    unlisted.set(name, underWay + 1);
    return {
      admitted: true,
      release: async (outcome) => {
        const left = (unlisted.get(name) ?? 1) - 1;
        if (left === 0) unlisted.delete(name);
        else unlisted.set(name, left);
        await remember(receiver, undefined, outcome);
      },
    };
  };

  const takeOne = async (receiver: Receiver, freeSlots: number[]): Promise<Slot | undefined> => {
    const first = Math.floor(random() * freeSlots.length);
    const tries = [...freeSlots.slice(first), ...freeSlots.slice(0, first)].slice(0, maxTries);
    for (const slot of tries) {
      const taken = await receivers.takeSlot(receiver, slot);
      if (taken !== undefined) return taken;
    }
    return undefined;
  };

  /** `view`: what was seen of the receiver when the attempt began, if anyone looked. */
  const remember = async (receiver: Receiver, view: ReceiverView | undefined, outcome: AttemptOutcome) => {
    if (isOverload(outcome)) {
      successes.forget(nameOf(receiver));
      const health = await receivers.countFailure(receiver);
      const openUntilMs = openUntilAfterFailure(health, now());
      if (openUntilMs !== undefined) await receivers.openCircuit(receiver, health, openUntilMs);
      return;
    }
    successes.put(nameOf(receiver), true, now());
    if (view === undefined) return;
    const capacity = grownCapacity(view);
    if (view.health.failures > 0) await receivers.forget(receiver);
    else if (capacity !== undefined) await receivers.setCapacity(receiver, capacity);
  };

  /** `isSoon`: a slot may well be free in a moment. */
  const tryToAcquire = async (attempt: AttemptRequest): Promise<{ permit: Permit; isSoon: boolean }> => {
    const { workspaceId, origin, trigger, deferrals } = attempt;
    const receiver = { workspaceId, origin };
    const asking = { nowMs: now(), trigger, deferrals, jitter: random() };
    const view = await receivers.view(receiver);
    const admission = admit(view, asking);
    if (!admission.admitted) return { permit: admission, isSoon: isWorthWaitingFor(view, now()) };
    const slot = await takeOne(receiver, admission.freeSlots);
    if (slot === undefined)
      return { permit: { admitted: false, untilMs: busyUntilMs(asking), cause: busyCause }, isSoon: true };
    const release = async (outcome: AttemptOutcome) => {
      await Promise.all([receivers.freeSlot(slot), remember(receiver, view, outcome)]);
    };
    return { permit: { admitted: true, release }, isSoon: false };
  };

  return {
    async acquire(attempt) {
      const unlistedPermit = acquireUnlisted(attempt);
      if (unlistedPermit !== undefined) return unlistedPermit;
      for (let look = 1; ; look += 1) {
        const { permit, isSoon } = await tryToAcquire(attempt);
        if (permit.admitted || !isSoon || look === maxLooks) return permit;
        await wait(lookAgainMs * (0.5 + random()));
      }
    },
  };
};
