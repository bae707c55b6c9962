import { describe, expect, it } from 'vitest';
import { allDue, type Due, nextDue, nextLook } from '../../lib/tasks/due.ts';
import type { Delivery, Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';

const minute = 60_000;
const waiting = { notBeforeMs: startMs, attempts: 1, lookUps: 0 };

const delivery = (changes: Partial<Delivery> = {}): Delivery => ({
  eventId: 'evt_1',
  type: 'video.completed',
  createdAtMs: startMs,
  state: 'pending',
  attempts: 1,
  nextAttemptAtMs: startMs + minute,
  ...changes,
});
const { nextAttemptAtMs: _, ...settled } = delivery({ state: 'delivered' });
const ended = (changes: Delivery = delivery()) => aSubmittedTask({ status: 'SUCCESS', delivery: changes });

describe('what is due, and when', () => {
  it.each<[string, Task, Due | undefined]>([
    ['a new task: hand it over at once', aTask(), { step: 'submit', atMs: startMs }],
    [
      'a waiting task: when its wait is over',
      aTask({ submission: { ...waiting, notBeforeMs: startMs + minute } }),
      { step: 'submit', atMs: startMs + minute },
    ],
    [
      'a claimed task: when the claim has run out',
      aTask({ submission: { ...waiting, leaseUntilMs: startMs + minute } }),
      { step: 'submit', atMs: startMs + minute },
    ],
    [
      'a task that would wait past its deadline: at the deadline',
      aTask({
        submission: { ...waiting, notBeforeMs: startMs + 9 * minute },
        deadlineAtMs: startMs + minute,
      }),
      { step: 'submit', atMs: startMs + minute },
    ],
    [
      'a rendering task: when its polls have fallen silent',
      aSubmittedTask({ pollOverdueAtMs: startMs + 5 * minute }),
      { step: 'poll', atMs: startMs + 5 * minute },
    ],
    [
      'a rendering task near its end: at the deadline',
      aSubmittedTask({ deadlineAtMs: startMs + minute }),
      { step: 'poll', atMs: startMs + minute },
    ],
    ['an ended task with an event on its way', ended(), { step: 'deliver', atMs: startMs + minute }],
    [
      'an event whose attempt is under way: when the claim has run out',
      ended(delivery({ leaseUntilMs: startMs + 3 * minute })),
      { step: 'deliver', atMs: startMs + 3 * minute },
    ],
    ['an ended task without a callback', aSubmittedTask({ status: 'SUCCESS' }), undefined],
    ['an event that was delivered', ended(settled), undefined],
    ['an event that was given up', ended({ ...settled, state: 'failed' }), undefined],
    [
      'an event that the client asked for again',
      ended({ ...settled, redeliverAtMs: startMs }),
      { step: 'deliver', atMs: startMs },
    ],
  ])('%s', (_, task, due) => {
    expect(nextDue(task)).toEqual(due);
  });

  it('lists a progress event beside the render itself, soonest first', () => {
    const task = aSubmittedTask({ status: 'IN_PROGRESS', delivery: delivery() });
    expect(allDue(task)).toEqual([
      { step: 'deliver', atMs: startMs + minute },
      { step: 'poll', atMs: startMs + 300_000 },
    ]);
  });
});

describe('the place in the due index', () => {
  it('stays where it was while a submission is claimed', () => {
    const claimed = aTask({ submission: { ...waiting, leaseUntilMs: startMs + minute } });
    expect(nextLook(claimed)).toEqual(nextLook(aTask({ submission: waiting })));
  });

  it('stays where it was while an attempt is claimed', () => {
    expect(nextLook(ended(delivery({ leaseUntilMs: startMs + 3 * minute })))).toEqual(nextLook(ended()));
  });

  it('is none once nothing is left to do', () => {
    expect(nextLook(ended(settled))).toBeUndefined();
  });
});
