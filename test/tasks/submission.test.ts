import { describe, expect, it } from 'vitest';
import type { FindOutcome, StartOutcome } from '../../lib/providers/provider.ts';
import {
  afterFind,
  afterStart,
  permitsSecondCreate,
  recordSecondCreate,
} from '../../lib/tasks/submission.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';
import { claimAt, claimed, unanswered } from '../support/claimed-task.ts';

const second = 1_000;
const minute = 60 * second;
const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const evenLuck = 0.5;
const answered = (outcome: StartOutcome, attempts = 1, luck = evenLuck): Task => {
  const task = claimed(aTask({ submission: { notBeforeMs: startMs, attempts: attempts - 1, lookUps: 0 } }));
  const after = afterStart(task, task, outcome, startMs, luck);
  if (after === undefined) throw new Error('expected a change');
  return after;
};

describe("a create's answer", () => {
  it('hands an accepted task to the poller and erases the prompt', () => {
    const task = answered({ status: 'accepted', operation });
    expect(task).toMatchObject({
      status: 'SUBMITTED',
      operation,
      submittedAtMs: startMs,
      pollChain: 1,
      submission: { notBeforeMs: startMs, attempts: 1, lookUps: 0 },
    });
    expect(JSON.stringify(task)).not.toContain('rain on a tin roof');
    expect(task.submission).not.toHaveProperty('leaseUntilMs');
    expect(task.submission).not.toHaveProperty('unansweredSinceMs');
  });

  it('fails a refused task with the words that the caller may read', () => {
    const task = answered({ status: 'refused', reason: 'The prompt was refused.' });
    expect(task).toMatchObject({ status: 'FAILURE', failReason: 'The prompt was refused.' });
    expect(task).not.toHaveProperty('request');
  });

  it.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [500, 20_000],
  ])('makes a task wait when the provider is busy, longer each time (attempt %i)', (attempts, delayMs) => {
    const task = answered({ status: 'busy', reason: 'full', detail: '1303' }, attempts);
    expect(task).toMatchObject({ status: 'NOT_START', submission: { notBeforeMs: startMs + delayMs } });
    expect(task.submission).not.toHaveProperty('unansweredSinceMs');
    expect(claimAt(task, startMs + delayMs).do).toBe('create');
  });

  it.each([
    [0, 4_000],
    [1, 6_000],
  ])('spreads those that wait by a fifth either way (luck %i)', (luck, delayMs) => {
    const task = answered({ status: 'busy', reason: 'full', detail: '1303' }, 1, luck);
    expect(task.submission.notBeforeMs).toBe(startMs + delayMs);
  });

  it("comes back slowly after an operator's fault", () => {
    const task = answered({ status: 'operator-fault', detail: '1102' });
    expect(task).toMatchObject({
      status: 'NOT_START',
      submission: { notBeforeMs: startMs + 5 * minute },
    });
  });

  it('turns the task UNKNOWN when the answer is lost, to be looked up after 5 s', () => {
    const task = answered({ status: 'unclear', detail: 'timed out' });
    expect(task).toMatchObject({
      status: 'UNKNOWN',
      submission: { notBeforeMs: startMs + 5 * second, unansweredSinceMs: startMs },
    });
    expect(task.submission).not.toHaveProperty('leaseUntilMs');
    expect(claimAt(task, startMs + 5 * second).do).toBe('look-up');
  });

  it('changes nothing once the task has ended or the provider has it', () => {
    const outcome = { status: 'accepted', operation } as const;
    const task = aTask();
    expect(afterStart(aTask({ status: 'FAILURE' }), task, outcome, startMs, evenLuck)).toBeUndefined();
    expect(afterStart(aSubmittedTask(), task, outcome, startMs, evenLuck)).toBeUndefined();
  });

  it.each<StartOutcome>([
    { status: 'busy', reason: 'rate', detail: '' },
    { status: 'unclear', detail: '' },
    { status: 'operator-fault', detail: '' },
    { status: 'refused', reason: 'No.' },
  ])("of a worker that lost its claim does not undo another's ($status)", (outcome) => {
    const slow = claimed();
    const other = recordSecondCreate(
      { ...slow, submission: { ...slow.submission, attempts: 2 } },
      startMs + minute,
    );
    expect(afterStart(other, slow, outcome, startMs + minute, evenLuck)).toBeUndefined();
  });

  it('of a worker that lost its claim still tells that the provider has the task', () => {
    const slow = claimed();
    const other = { ...slow, submission: { ...slow.submission, attempts: 2 } };
    const task = afterStart(other, slow, { status: 'accepted', operation }, startMs + minute, evenLuck);
    expect(task).toMatchObject({ status: 'SUBMITTED', operation });
  });
});

describe('looking up a create that had no answer', () => {
  it.each([
    [0, 5],
    [1, 15],
    [2, 30],
    [3, 60],
    [4, 120],
  ])('happens after 5, 15, 30 and 60 s, then each minute (look-up %i at %i s)', (lookUps, atSeconds) => {
    let task = unanswered();
    let nowMs = task.submission.notBeforeMs;
    for (let done = 0; done < lookUps; done += 1) {
      task = afterFind(task, task, { status: 'unanswered', detail: '' }, nowMs) ?? task;
      nowMs = task.submission.notBeforeMs;
    }
    expect(nowMs - startMs).toBe(atSeconds * second);
  });

  it('adopts what it finds', () => {
    const task = unanswered();
    expect(
      afterFind(task, task, { status: 'found', operation, state: { status: 'queued' } }, startMs),
    ).toMatchObject({
      status: 'SUBMITTED',
      operation,
    });
  });

  it.each([
    ['not-found', 59, false],
    ['not-found', 60, true],
    ['unanswered', 600, false],
    ['found', 600, false],
  ] as const)('answered %s after %i s: a second create is permitted: %s', (status, seconds, permitted) => {
    const outcome = { status, operation, state: { status: 'queued' }, detail: '' } as FindOutcome;
    expect(permitsSecondCreate(unanswered(3), outcome, startMs + seconds * second)).toBe(permitted);
  });

  it('counts the time anew from the second create', () => {
    const nowMs = startMs + minute;
    const task = recordSecondCreate(unanswered(3), nowMs);
    expect(task.submission).toMatchObject({
      unansweredSinceMs: nowMs,
      leaseUntilMs: nowMs + minute,
      lookUps: 0,
    });
    expect(permitsSecondCreate(task, { status: 'not-found' }, nowMs + 59 * second)).toBe(false);
  });

  it('keeps the task UNKNOWN, and its create unanswered, when nothing is found too early', () => {
    const task = unanswered();
    expect(afterFind(task, task, { status: 'not-found' }, startMs + 5 * second)).toMatchObject({
      status: 'UNKNOWN',
      submission: { unansweredSinceMs: startMs, lookUps: 1 },
    });
  });

  it("does not take away another worker's claim when its own was lost", () => {
    const slow = unanswered();
    const other = { ...slow, submission: { ...slow.submission, attempts: 7 } };
    expect(afterFind(other, slow, { status: 'not-found' }, startMs)).toBeUndefined();
  });
});
