import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../time.ts';
import { type AttemptOutcome, isOverload } from './read-answer.ts';
import {
  admit,
  grownCapacity,
  isWorthWaitingFor,
  noPlace,
  type ReceiverView,
  restAfterFailure,
  untilPlaceMs,
} from './receiver-health.ts';
import type { Receiver, ReceiverStore, Slot } from './receiver-store.ts';
import { createRecentSuccesses } from './recent-successes.ts';

export type Entry =
  | {
      admitted: true;
      /** Gives the place back and remembers how the receiver did. To be called however the attempt ends. */
      leave(outcome: AttemptOutcome): Promise<void>;
    }
  | { admitted: false; untilMs: number; cause: string };

type Visitor = Receiver & { trigger: 'auto' | 'manual'; deferrals: number };

/** Keeps one slow or dead receiver from taking all places: asks before each attempt whether it may start now. */
export type EndpointLimiter = { enter(visitor: Visitor): Promise<Entry> };

/** Places that others take at the same moment are not run after for ever. */
const mostTries = 3;

/** Attempts without a slot, at one receiver and in one instance. */
const mostUnlisted = 8;

/** How often a place is looked for, half a second in all, before the attempt goes back to the queue. */
const mostLooks = 8;
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
  const successes = createRecentSuccesses(now);
  /** Attempts under way in this instance that took no slot, by receiver. */
  const unlisted = new Map<string, number>();

  /**
   * A receiver that has just answered well is spared the bookkeeping. If it dies now, no more attempts hang unlisted
   * than began within the trust's two seconds, and no more than this many in one instance.
   */
  const enterUnlisted = (receiver: Receiver): Entry | undefined => {
    const name = nameOf(receiver);
    const underWay = unlisted.get(name) ?? 0;
    if (!successes.has(name) || underWay >= mostUnlisted) return undefined;
    unlisted.set(name, underWay + 1);
    return {
      admitted: true,
      leave: async (outcome) => {
        const left = (unlisted.get(name) ?? 1) - 1;
        if (left === 0) unlisted.delete(name);
        else unlisted.set(name, left);
        await remember(receiver, undefined, outcome);
      },
    };
  };

  const takeOne = async (receiver: Receiver, freeSlots: number[]): Promise<Slot | undefined> => {
    const first = Math.floor(random() * freeSlots.length);
    const tries = [...freeSlots.slice(first), ...freeSlots.slice(0, first)].slice(0, mostTries);
    for (const slot of tries) {
      const taken = await receivers.takeSlot(receiver, slot);
      if (taken !== undefined) return taken;
    }
    return undefined;
  };

  /** `view`: what was seen of the receiver at the entry, if anyone looked. */
  const remember = async (receiver: Receiver, view: ReceiverView | undefined, outcome: AttemptOutcome) => {
    if (isOverload(outcome)) {
      successes.remove(nameOf(receiver));
      const health = await receivers.countFailure(receiver);
      const restUntilMs = restAfterFailure(health, now());
      if (restUntilMs !== undefined) await receivers.startRest(receiver, health, restUntilMs);
      return;
    }
    successes.add(nameOf(receiver));
    if (view === undefined) return;
    const capacity = grownCapacity(view);
    if (view.health.failures > 0) await receivers.forget(receiver);
    else if (capacity !== undefined) await receivers.setCapacity(receiver, capacity);
  };

  /** `isSoon`: a place may well be free in a moment. */
  const tryToEnter = async (visitor: Visitor): Promise<{ entry: Entry; isSoon: boolean }> => {
    const { workspaceId, origin, trigger, deferrals } = visitor;
    const receiver = { workspaceId, origin };
    const asking = { nowMs: now(), trigger, deferrals, jitter: random() };
    const view = await receivers.view(receiver);
    const admission = admit(view, asking);
    if (!admission.admitted) return { entry: admission, isSoon: isWorthWaitingFor(view, now()) };
    const slot = await takeOne(receiver, admission.freeSlots);
    if (slot === undefined)
      return { entry: { admitted: false, untilMs: untilPlaceMs(asking), cause: noPlace }, isSoon: true };
    const leave = async (outcome: AttemptOutcome) => {
      await Promise.all([receivers.freeSlot(slot), remember(receiver, view, outcome)]);
    };
    return { entry: { admitted: true, leave }, isSoon: false };
  };

  return {
    async enter(visitor) {
      const unlistedEntry = enterUnlisted(visitor);
      if (unlistedEntry !== undefined) return unlistedEntry;
      for (let look = 1; ; look += 1) {
        const { entry, isSoon } = await tryToEnter(visitor);
        if (entry.admitted || !isSoon || look === mostLooks) return entry;
        await wait(lookAgainMs * (0.5 + random()));
      }
    },
  };
};
