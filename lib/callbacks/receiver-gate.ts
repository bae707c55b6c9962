import type { Clock } from '../time.ts';
import { type AttemptOutcome, isOverload } from './read-answer.ts';
import {
  admit,
  grownCapacity,
  noPlace,
  type ReceiverView,
  restAfterFailure,
  untilPlaceMs,
} from './receiver-health.ts';
import type { Receiver, ReceiverStore, Slot } from './receiver-store.ts';

export type Entry =
  | {
      admitted: true;
      /** Gives the place back and remembers how the receiver did. To be called however the attempt ends. */
      leave(outcome: AttemptOutcome): Promise<void>;
    }
  | { admitted: false; untilMs: number; cause: string };

export type Visitor = Receiver & { trigger: 'auto' | 'manual'; deferrals: number };

/** Keeps one slow or dead receiver from taking all places: asks before each attempt whether it may start now. */
export type ReceiverGate = { enter(visitor: Visitor): Promise<Entry> };

/** Places that others take at the same moment are not run after for ever. */
const mostTries = 3;

type Dependencies = { receivers: ReceiverStore; now: Clock; random: () => number };

export const createReceiverGate = ({ receivers, now, random }: Dependencies): ReceiverGate => {
  const takeOne = async (receiver: Receiver, freeSlots: number[]): Promise<Slot | undefined> => {
    const first = Math.floor(random() * freeSlots.length);
    const tries = [...freeSlots.slice(first), ...freeSlots.slice(0, first)].slice(0, mostTries);
    for (const slot of tries) {
      const taken = await receivers.takeSlot(receiver, slot);
      if (taken !== undefined) return taken;
    }
    return undefined;
  };

  const remember = async (receiver: Receiver, view: ReceiverView, outcome: AttemptOutcome): Promise<void> => {
    if (isOverload(outcome)) {
      const health = await receivers.countFailure(receiver);
      const restUntilMs = restAfterFailure(health, now());
      if (restUntilMs !== undefined) await receivers.startRest(receiver, health, restUntilMs);
      return;
    }
    const capacity = grownCapacity(view);
    if (view.health.failures > 0) await receivers.forget(receiver);
    else if (capacity !== undefined) await receivers.setCapacity(receiver, capacity);
  };

  return {
    async enter({ workspaceId, origin, trigger, deferrals }) {
      const receiver = { workspaceId, origin };
      const asking = { nowMs: now(), trigger, deferrals, luck: random() };
      const view = await receivers.view(receiver);
      const admission = admit(view, asking);
      if (!admission.admitted) return admission;
      const slot = await takeOne(receiver, admission.freeSlots);
      if (slot === undefined)
        return { admitted: false, untilMs: Math.round(untilPlaceMs(asking)), cause: noPlace };
      return {
        admitted: true,
        leave: async (outcome) => {
          await Promise.all([receivers.freeSlot(slot), remember(receiver, view, outcome)]);
        },
      };
    },
  };
};
