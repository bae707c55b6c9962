import { describe, expect, it } from 'vitest';
import { claimSubmission } from '../../lib/tasks/claim.ts';
import {
  earliestTurn,
  estimatedStartMs,
  isAbandoned,
  isBehind,
  joinedAtMsOf,
  learnPace,
  modelLineOf,
  type Pace,
  placeFor,
  taskIdAt,
  turnOf,
  waitAt,
} from '../../lib/tasks/line.ts';
import { afterStart } from '../../lib/tasks/submission.ts';
import { aTask, startMs } from '../support/a-task.ts';

const second = 1_000;
const minute = 60 * second;
const own = placeFor(startMs, startMs, aTask().id);
const earlier = placeFor(startMs, startMs - 1, 'task_earlier');
const waiting = aTask({ submission: { ...aTask().submission, notBeforeMs: startMs + minute, place: own } });
const model = modelLineOf(aTask());
const claimAt = (first: string | undefined, task = waiting) =>
  claimSubmission(task, startMs, first, 'unlimited');

describe('a place in the line', () => {
  it('tells its turn, its time and its task', () => {
    const place = placeFor(7, startMs, 'task_1');
    expect([turnOf(place), joinedAtMsOf(place), taskIdAt(place)]).toEqual([7, startMs, 'task_1']);
  });

  it('comes after those of earlier turns, and after earlier ones of its turn', () => {
    const places = [placeFor(10, 1, 'task_c'), placeFor(9, 2, 'task_a'), placeFor(9, 1, 'task_b')];
    expect(places.sort().map(taskIdAt)).toEqual(['task_b', 'task_a', 'task_c']);
  });

  it('starts with the turn of the first in the line, or with the time where nobody waits', () => {
    expect(earliestTurn(placeFor(42, startMs, 'task_1'), startMs)).toBe(42);
    expect(earliestTurn(undefined, startMs)).toBe(startMs);
  });
});

describe('who may ask for a slot', () => {
  it('is whoever is first, whenever it is woken', () => {
    expect(claimAt(own)).toMatchObject({
      do: 'create',
      task: { submission: { unansweredSinceMs: startMs } },
    });
  });

  it('is nobody behind the first; such a task looks again after a while', () => {
    expect(claimAt(earlier)).toEqual({ do: 'nothing' });
    const due = { ...waiting, submission: { ...waiting.submission, notBeforeMs: startMs } };
    const later = { submission: { notBeforeMs: startMs + 15 * minute } };
    expect(claimAt(earlier, due)).toMatchObject({ do: 'wait', place: own, task: later });
  });

  it('is a task whose place got lost, once those before it are gone', () => {
    const after = placeFor(startMs, startMs + 1, 'task_later');
    expect(claimAt(after).do).toBe('create');
    expect(claimAt(undefined).do).toBe('create');
  });

  it('is a new task only where nobody waits', () => {
    expect(claimAt(undefined, aTask()).do).toBe('create');
    expect(claimAt(earlier, aTask()).do).toBe('join');
    expect(isBehind(model, aTask(), own)).toBe(false);
  });

  it('is no task past its deadline, which ends and leaves the line', () => {
    const expired = claimSubmission(waiting, waiting.deadlineAtMs, earlier, undefined);
    expect(expired).toMatchObject({ do: 'settled', task: { status: 'FAILURE' } });
    expect(expired).not.toHaveProperty('task.submission.place');
  });
});

describe('a task in the line', () => {
  const claimed = claimAt(own);
  if (claimed.do !== 'create') throw new Error('it is first');
  const { task } = claimed;
  const busy = { status: 'busy', reason: 'full', detail: '1303' } as const;

  it('keeps its place when there is no slot, and asks again after 5 s', () => {
    const after = afterStart(task, task, busy, startMs, 0.5, own);
    expect(after?.submission).toMatchObject({ place: own, notBeforeMs: startMs + 5 * second });
  });

  it('does not ask more often for being woken more often', () => {
    const retryAtMs = startMs + 3 * second;
    const soon = { ...waiting, submission: { ...waiting.submission, notBeforeMs: retryAtMs } };
    const early = claimAt(own, soon);
    if (early.do !== 'create') throw new Error('it is first');
    const after = afterStart(early.task, early.task, busy, startMs, 0.5, own);
    expect(after?.submission.notBeforeMs).toBe(retryAtMs);
  });

  it.each([
    { status: 'accepted', operation: { action: 'textGenerate', id: '1' } },
    { status: 'operator-fault', detail: '1102' },
    { status: 'unclear', detail: 'timed out' },
    { status: 'refused', reason: 'No.' },
  ] as const)('leaves it when the answer is $status', (outcome) => {
    const after = afterStart(task, task, outcome, startMs, 0.5);
    expect(after).toBeDefined();
    expect(after?.submission).not.toHaveProperty('place');
  });

  it('remembers that it waited, so that its end lets the next one in', () => {
    const operation = { action: 'textGenerate', id: '1' } as const;
    const after = afterStart(task, task, { status: 'accepted', operation }, startMs, 0.5);
    expect(after?.submission.hasWaited).toBe(true);
  });

  it('takes one place, and none once somebody hands it over', () => {
    const line = { name: model, isCounted: false };
    expect(waitAt(aTask(), line, own, startMs)?.submission.place).toBe(own);
    expect(waitAt(waiting, line, own, startMs)).toBeUndefined();
    expect(waitAt(task, line, own, startMs)).toBeUndefined();
  });
});

describe('a place is abandoned', () => {
  it.each([
    ['never while its task waits there', waiting, 0, false],
    ['at once when its task has got on', aTask({ status: 'SUBMITTED' }), 0, true],
    ['at once when there is no such task', undefined, 0, true],
    ['not while its task may be about to take it', aTask(), minute, false],
    ['when its task never took it', aTask(), minute + 1, true],
  ])('%s', (_, task, laterMs, abandoned) => {
    expect(isAbandoned(task, model, own, startMs + laterMs)).toBe(abandoned);
  });
});

describe('the pace of a line', () => {
  const startEvery = (gapMs: number, count: number): Pace | undefined => {
    let pace: Pace | undefined;
    for (let start = 0; start < count; start += 1) pace = learnPace(pace, startMs, startMs + start * gapMs);
    return pace;
  };

  it('is learned from one start to the next', () => {
    const pace = startEvery(10 * second, 20);
    expect(pace?.gapMs).toBeCloseTo(10 * second);
    expect(estimatedStartMs(pace, 3, startMs)).toBe(startMs + 190 * second + 30 * second);
  });

  it('does not count the time in which nobody waited', () => {
    const pace = startEvery(10 * second, 20);
    const joinedAtMs = startMs + 60 * minute;
    expect(learnPace(pace, joinedAtMs, joinedAtMs + second)?.gapMs).toBe(pace?.gapMs);
  });

  it('is unknown until two have started one after the other', () => {
    expect(estimatedStartMs(undefined, 1, startMs)).toBeUndefined();
    expect(estimatedStartMs(startEvery(0, 1), 1, startMs)).toBeUndefined();
  });

  it('never estimates a start in the past', () => {
    expect(estimatedStartMs(startEvery(10 * second, 3), 1, startMs + 60 * minute)).toBe(
      startMs + 60 * minute,
    );
  });
});
