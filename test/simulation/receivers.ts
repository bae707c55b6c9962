import type { CallbackEvent } from '../../lib/callbacks/event.ts';
import type { SendResult } from '../../lib/callbacks/send-callback.ts';
import { secondMs } from '../../lib/time.ts';
import type { Troubles } from './plan.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

type ReceiversOptions = {
  time: VirtualTime;
  random: Randomness;
  troubles(): Troubles;
  isDown(): boolean;
  /** Told of every call that reached the receiver, whatever it answers. */
  onArrival(event: CallbackEvent): void;
  /** Told when a call begins while another with the same event is under way. */
  onOverlap(event: CallbackEvent): void;
};

/** The client's server: down, slow, failing, or taking the event and losing the connection before it answers. */
export const createReceivers = ({
  time,
  random,
  troubles,
  isDown,
  onArrival,
  onOverlap,
}: ReceiversOptions) => {
  const underWayUntilMs = new Map<string, number>();

  const begin = (event: CallbackEvent): void => {
    if ((underWayUntilMs.get(event.id) ?? 0) > time.nowMs()) onOverlap(event);
    underWayUntilMs.set(event.id, time.nowMs() + 15 * secondMs);
  };

  const answer = (event: CallbackEvent): SendResult => {
    const at = { startedAtMs: time.nowMs(), endedAtMs: time.nowMs(), durationsMs: { total: 0 } };
    underWayUntilMs.delete(event.id);
    if (isDown()) return { ...at, failure: { code: 'ECONNREFUSED', stage: 'connect' } };
    const isBad = random.happens(troubles().badReceiver);
    const arrives = !isBad || random.happens(500);
    if (arrives) onArrival(event);
    if (!isBad) return { ...at, answer: { statusCode: 204 } };
    if (arrives) return { ...at, failure: { code: 'ECONNRESET', stage: 'answer' } };
    return { ...at, answer: { statusCode: random.happens(500) ? 500 : 429, retryAfter: '20' } };
  };

  return {
    sendOf:
      (worker: Worker) =>
      async (event: CallbackEvent): Promise<SendResult> => {
        await worker.call(`connect for ${event.id}`, () => begin(event));
        return worker.call(`post ${event.id}`, () => answer(event));
      },
  };
};
export type Receivers = ReturnType<typeof createReceivers>;
