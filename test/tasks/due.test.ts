import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/tasks/delivery.ts';
import { allDue, type Due, nextDue, overdue } from '../../lib/tasks/due.ts';
import type { Task } from '../../lib/tasks/task.ts';
import {
  anEndedTask,
  anImageTask,
  anUnconfirmedTask,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';

const minute = 60_000;

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
const ended = (changes: Delivery = delivery()) => anEndedTask({ delivery: changes });

describe('what is due, and when', () => {
  it.each<[string, Task, Due | undefined]>([
    ['a new task: hand it over at once', aTask(), { step: 'submit', atMs: startMs }],
    [
      'a waiting task: when its wait is over',
      aTask({ notBeforeMs: startMs + minute }),
      { step: 'submit', atMs: startMs + minute },
    ],
    [
      'a claimed task: since when it was due, so that its place in the index stays',
      aSubmittingTask({ leaseUntilMs: startMs + minute }),
      { step: 'submit', atMs: startMs },
    ],
    [
      'a task that would wait past its deadline: at the deadline',
      aTask({ notBeforeMs: startMs + 9 * minute, deadlineAtMs: startMs + minute }),
      { step: 'submit', atMs: startMs + minute },
    ],
    [
      'a rendering task: when its polls have fallen silent',
      aRunningTask({ pollOverdueAtMs: startMs + 5 * minute }),
      { step: 'poll', atMs: startMs + 5 * minute },
    ],
    [
      'a rendering task near its end: at the deadline',
      aRunningTask({ deadlineAtMs: startMs + minute }),
      { step: 'poll', atMs: startMs + minute },
    ],
    ['an ended task with an event on its way', ended(), { step: 'deliver', atMs: startMs + minute }],
    [
      'a task whose create was not answered: when it is looked up',
      anUnconfirmedTask({ notBeforeMs: startMs + 5_000 }),
      { step: 'submit', atMs: startMs + 5_000 },
    ],
    ['a new image task: make it at once', anImageTask(), { step: 'make-image', atMs: startMs }],
    ['an ended task without a callback', anEndedTask(), undefined],
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
    const task = aRunningTask({ delivery: delivery() });
    expect(allDue(task)).toEqual([
      { step: 'deliver', atMs: startMs + minute },
      { step: 'poll', atMs: startMs + 300_000 },
    ]);
  });
});

describe('what is overdue', () => {
  it('leaves out a create that somebody sends', () => {
    const claimed = aSubmittingTask();
    expect(overdue(claimed, startMs + minute / 2)).toEqual([]);
    expect(overdue(claimed, startMs + minute)).toEqual([{ step: 'submit', atMs: startMs }]);
  });

  it('leaves out an attempt that somebody makes, though it stays in the index', () => {
    const attempted = ended(delivery({ leaseUntilMs: startMs + 3 * minute }));
    expect(nextDue(attempted)).toEqual(nextDue(ended()));
    expect(overdue(attempted, startMs + 2 * minute)).toEqual([]);
    expect(overdue(attempted, startMs + 3 * minute)).toEqual([{ step: 'deliver', atMs: startMs + minute }]);
  });

  it('leaves out a look-up that somebody makes', () => {
    const lookedUp = anUnconfirmedTask({ leaseUntilMs: startMs + minute });
    expect(overdue(lookedUp, startMs + minute / 2)).toEqual([]);
    expect(overdue(lookedUp, startMs + minute)).toHaveLength(1);
  });

  it('leaves out a video that somebody copies, past its deadline too', () => {
    const copied = aRunningTask({ deadlineAtMs: startMs, leaseUntilMs: startMs + 2 * minute });
    expect(overdue(copied, startMs + minute)).toEqual([]);
    expect(overdue(copied, startMs + 2 * minute)).toMatchObject([{ step: 'poll' }]);
  });
});
