import { describe, expect, it } from 'vitest';
import { claimAttempt, deferAttempt, recordAttempt } from '../../lib/callbacks/delivery.ts';
import type { AttemptOutcome } from '../../lib/callbacks/read-answer.ts';
import { deliveryWindowMs } from '../../lib/callbacks/retry-schedule.ts';
import type { Delivery } from '../../lib/tasks/delivery.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { hourMs, minuteMs, secondMs } from '../../lib/time.ts';
import { anEndedTask, startMs } from '../support/a-task.ts';

const aDelivery = (changes: Partial<Delivery> = {}): Delivery => ({
  eventId: 'evt_1',
  type: 'video.completed',
  createdAtMs: startMs,
  state: 'pending',
  attempts: 0,
  nextAttemptAtMs: startMs,
  ...changes,
});
const withDelivery = (delivery: Delivery): Task => anEndedTask({ delivery });
const claimAt = (nowMs: number, changes: Partial<Delivery> = {}) =>
  claimAttempt(withDelivery(aDelivery(changes)), 'evt_1', nowMs)?.delivery;

const leased = aDelivery({ leaseUntilMs: startMs + minuteMs });
const delivered: AttemptOutcome = { delivered: true, statusCode: 200 };
const failed: AttemptOutcome = { delivered: false, final: false, errorClass: 'http_5xx', cause: 'it broke' };
const made = { endedAtMs: startMs + 100, jitter: 0.5 } as const;
const recorded = (task: Task, outcome: AttemptOutcome, claimed = leased) =>
  recordAttempt(task, claimed, { ...made, outcome })?.delivery;

describe('claiming an attempt', () => {
  it('takes a lease of one minute when the attempt is due', () => {
    expect(claimAt(startMs)).toEqual(leased);
  });
  it('is possible a moment early, for clocks differ', () => {
    expect(claimAt(startMs - secondMs)).toBeDefined();
    expect(claimAt(startMs - secondMs - 1)).toBeUndefined();
  });
  it.each<[string, Partial<Delivery>]>([
    ['another worker has it', { leaseUntilMs: startMs + 1 }],
    ['it is delivered', { state: 'delivered' }],
    ['it has failed for good', { state: 'failed' }],
    ['another event took its place', { eventId: 'evt_2' }],
  ])('is refused when %s', (_reason, changes) => {
    expect(claimAt(startMs, changes)).toBeUndefined();
  });
  it('is refused for a task without an event', () => {
    expect(claimAttempt(anEndedTask(), 'evt_1', startMs)).toBeUndefined();
  });
  it('counts the attempt of a worker that never came back, and makes the next', () => {
    const claimed = claimAt(startMs + minuteMs, { leaseUntilMs: startMs + minuteMs });
    expect(claimed).toMatchObject({ attempts: 1, leaseUntilMs: startMs + 2 * minuteMs });
  });
  it('keeps to the schedule when workers die one after another', () => {
    const lost = { attempts: 2, leaseUntilMs: startMs + minuteMs };
    const waiting = aDelivery({ attempts: 3, nextAttemptAtMs: startMs + 5 * minuteMs });
    expect(claimAt(startMs + minuteMs, lost)).toEqual(waiting);
    expect(claimAttempt(withDelivery(waiting), 'evt_1', startMs + 5 * minuteMs)?.delivery).toMatchObject({
      attempts: 3,
      leaseUntilMs: startMs + 6 * minuteMs,
    });
  });
  it('ends the delivery, and tells why, when the worker of the last attempt never came back', () => {
    expect(claimAt(startMs + minuteMs, { attempts: 10, leaseUntilMs: startMs + minuteMs })).toMatchObject({
      state: 'failed',
      attempts: 11,
      lastCause: expect.stringContaining('the gateway stopped'),
    });
  });
});

describe('putting an attempt off', () => {
  const deferral = {
    untilMs: startMs + hourMs,
    cause: 'it is busy',
    nowMs: startMs,
  } as const;

  it('counts as no attempt, frees the lease and tells why', () => {
    expect(deferAttempt(withDelivery(leased), leased, deferral)?.delivery).toEqual(
      aDelivery({ nextAttemptAtMs: startMs + hourMs, deferrals: 1, lastCause: 'it is busy' }),
    );
  });
  it('keeps the cause of a real failure', () => {
    const retried = { ...leased, attempts: 2, lastCause: 'it broke' };
    expect(deferAttempt(withDelivery(retried), retried, deferral)?.delivery?.lastCause).toBe('it broke');
  });
  it('ends the delivery once its window is over', () => {
    const nowMs = startMs + deliveryWindowMs;
    expect(deferAttempt(withDelivery(leased), leased, { ...deferral, nowMs })?.delivery).toEqual({
      eventId: 'evt_1',
      type: 'video.completed',
      createdAtMs: startMs,
      state: 'failed',
      attempts: 0,
      lastCause: 'it is busy',
    });
  });
  it('of a redelivery leaves the schedule alone', () => {
    const asked = { ...leased, redeliverAtMs: startMs };
    const { delivery } = deferAttempt(withDelivery(asked), asked, deferral) ?? {};
    expect(delivery).toMatchObject({ nextAttemptAtMs: startMs, redeliverAtMs: startMs + hourMs });
  });
  it('does nothing without the lease', () => {
    expect(deferAttempt(withDelivery(aDelivery()), leased, deferral)).toBeUndefined();
  });
});

describe('recording an attempt', () => {
  it('starts to count deferrals anew', () => {
    const deferred = { ...leased, deferrals: 7 };
    expect(recorded(withDelivery(deferred), failed, deferred)).not.toHaveProperty('deferrals');
  });
  it('leaves the event alone that took the place of this one', () => {
    const task = withDelivery(aDelivery({ eventId: 'evt_2' }));
    expect(recorded(task, delivered)).toBeUndefined();
    expect(recorded(task, failed)).toBeUndefined();
  });
  it('keeps a success even when another worker has taken over meanwhile', () => {
    const taken = { ...leased, attempts: 1, leaseUntilMs: startMs + hourMs };
    expect(recorded(withDelivery(taken), delivered)).toMatchObject({ state: 'delivered' });
    expect(recorded(withDelivery(taken), failed)).toBeUndefined();
  });
  it('of a failure cannot undo a success', () => {
    const success = aDelivery({ state: 'delivered', attempts: 1 });
    expect(recorded(withDelivery(success), failed)).toBeUndefined();
  });
});
