import type { Delivery } from '../tasks/delivery.ts';
import { attemptDueAtMs } from '../tasks/due.ts';
import { minuteMs, secondMs } from '../time.ts';
import type { AttemptOutcome } from './read-answer.ts';
import { deliveryWindowMs, nextAttemptAtMs } from './retry-schedule.ts';

/** Longer than the function may run, which is longer than an attempt may take: two attempts never overlap. */
const attemptLeaseMs = minuteMs;

/** A message may come a moment before its time, by another clock; the next one would be the sweep's. */
const earlyMs = secondMs;

/** Retries after a dead worker need no jitter. */
const noJitter = 0.5;

const answerLost = 'the gateway stopped before it could write down what your server answered';

/** By the schedule, or because the client asked for it. */
export type Trigger = 'auto' | 'manual';

export const triggerOf = ({ redeliverAtMs }: Delivery): Trigger =>
  redeliverAtMs === undefined ? 'auto' : 'manual';

/** What an event is written on. */
export type Carrier = { delivery?: Delivery };

const withDelivery = <One extends Carrier>(carrier: One, delivery: Delivery): One => ({
  ...carrier,
  delivery,
});

const ended = (delivery: Delivery, state: 'delivered' | 'failed'): Delivery => {
  const { nextAttemptAtMs: _next, leaseUntilMs: _lease, redeliverAtMs: _redeliver, ...rest } = delivery;
  const { deferrals: _deferrals, ...kept } = rest;
  return { ...kept, state };
};

const scheduleOf = ({ createdAtMs, isFast }: Delivery) => ({ eventCreatedAtMs: createdAtMs, isFast });

/**
 * A lease that was never given back: its worker died, perhaps after the receiver had the event. That was an attempt, and
 * the next one follows by the schedule; else a fault of ours would use up three days of attempts in minutes.
 */
const countLostAttempt = (delivery: Delivery): Delivery => {
  const { leaseUntilMs, nextAttemptAtMs: _made, ...kept } = delivery;
  if (leaseUntilMs === undefined || triggerOf(delivery) === 'manual') return delivery;
  const attempts = delivery.attempts + 1;
  const endedAtMs = leaseUntilMs - attemptLeaseMs;
  const next = nextAttemptAtMs({ ...scheduleOf(delivery), attempts, endedAtMs }, noJitter);
  return next === undefined
    ? ended({ lastCause: answerLost, ...kept, attempts }, 'failed')
    : { ...kept, attempts, nextAttemptAtMs: next };
};

const isDue = (delivery: Delivery, nowMs: number): boolean =>
  (attemptDueAtMs(delivery) ?? Number.POSITIVE_INFINITY) <= nowMs + earlyMs;

/**
 * The carrier with the attempt claimed for one worker; without a lease, if an attempt was lost and the next is not due yet, or
 * none is left; `undefined` if there is nothing to do for this event now.
 */
export const claimAttempt = <One extends Carrier>(
  carrier: One,
  eventId: string,
  nowMs: number,
): One | undefined => {
  const { delivery } = carrier;
  if (delivery?.eventId !== eventId || (delivery.leaseUntilMs ?? 0) > nowMs) return undefined;
  if (!isDue(delivery, nowMs)) return undefined;
  const counted = countLostAttempt(delivery);
  if (!isDue(counted, nowMs)) return withDelivery(carrier, counted);
  return withDelivery(carrier, { ...counted, leaseUntilMs: nowMs + attemptLeaseMs });
};

/** Whether this worker still holds the attempt: the event was not superseded, nor the lease taken by another. */
const holds = (delivery: Delivery | undefined, claimed: Delivery): delivery is Delivery =>
  delivery?.eventId === claimed.eventId && delivery.leaseUntilMs === claimed.leaseUntilMs;

/** A redelivery that was asked for while an attempt was being made: a failure of that attempt is no answer to it. */
const askedMeanwhile = ({ redeliverAtMs }: Delivery, claimed: Delivery): Pick<Delivery, 'redeliverAtMs'> =>
  redeliverAtMs === undefined || redeliverAtMs === claimed.redeliverAtMs ? {} : { redeliverAtMs };

const released = ({ leaseUntilMs: _lease, ...delivery }: Delivery): Delivery => delivery;

type Deferral = { untilMs: number; cause: string; nowMs: number };

/** The carrier with its claimed attempt put off, which counts as none. Past the delivery window that is the end. */
export const deferAttempt = <One extends Carrier>(
  carrier: One,
  claimed: Delivery,
  deferral: Deferral,
): One | undefined => {
  if (!holds(carrier.delivery, claimed)) return undefined;
  const { untilMs, cause, nowMs } = deferral;
  const delivery = {
    ...released(carrier.delivery),
    deferrals: (carrier.delivery.deferrals ?? 0) + 1,
    lastCause: carrier.delivery.lastCause ?? cause,
  };
  if (triggerOf(claimed) === 'manual') return withDelivery(carrier, { ...delivery, redeliverAtMs: untilMs });
  const windowEndsAtMs = delivery.createdAtMs + deliveryWindowMs;
  if (nowMs >= windowEndsAtMs)
    return withDelivery(carrier, { ...ended(delivery, 'failed'), ...askedMeanwhile(delivery, claimed) });
  return withDelivery(carrier, { ...delivery, nextAttemptAtMs: Math.min(untilMs, windowEndsAtMs) });
};

type MadeAttempt = { outcome: AttemptOutcome; endedAtMs: number; jitter: number };

const afterDelivered = (delivery: Delivery, trigger: Trigger): Delivery => {
  const { lastCause: _cause, ...kept } = ended(delivery, 'delivered');
  return trigger === 'auto' ? { ...kept, attempts: kept.attempts + 1 } : kept;
};

/** A failed redelivery leaves the schedule as it was, unless the receiver wants no more at all. */
const afterFailedRedelivery = (delivery: Delivery, cause: string, final: boolean): Delivery => {
  const { redeliverAtMs: _redeliver, deferrals: _deferrals, ...kept } = released(delivery);
  if (kept.state === 'delivered') return kept;
  const told = { ...kept, lastCause: cause };
  return final ? ended(told, 'failed') : told;
};

const afterFailure = (
  delivery: Delivery,
  made: MadeAttempt & { outcome: { delivered: false } },
): Delivery => {
  const { outcome, endedAtMs, jitter } = made;
  const attempts = delivery.attempts + 1;
  const { deferrals: _deferrals, ...kept } = released(delivery);
  const failed = { ...kept, attempts, lastCause: outcome.cause };
  const next = outcome.final
    ? undefined
    : nextAttemptAtMs({ ...scheduleOf(delivery), attempts, endedAtMs, ...outcome }, jitter);
  return next === undefined ? ended(failed, 'failed') : { ...failed, nextAttemptAtMs: next };
};

/**
 * The carrier after an attempt. `undefined` if its event was superseded meanwhile, or another worker has taken over: then
 * only that the receiver has the event is worth writing.
 */
export const recordAttempt = <One extends Carrier>(
  carrier: One,
  claimed: Delivery,
  made: MadeAttempt,
): One | undefined => {
  const { delivery } = carrier;
  const { outcome } = made;
  const trigger = triggerOf(claimed);
  if (delivery?.eventId !== claimed.eventId) return undefined;
  if (outcome.delivered) return withDelivery(carrier, afterDelivered(delivery, trigger));
  if (!holds(delivery, claimed)) return undefined;
  const failed =
    trigger === 'manual'
      ? afterFailedRedelivery(delivery, outcome.cause, outcome.final)
      : afterFailure(delivery, { ...made, outcome });
  return withDelivery(carrier, { ...failed, ...askedMeanwhile(delivery, claimed) });
};
