import { describe, expect, it } from 'vitest';
import type { Admission } from '../../lib/tasks/admission.ts';
import { claimSubmission, needsAdmission } from '../../lib/tasks/claim.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';
import { claimAt, claimed, unanswered } from '../support/claimed-task.ts';

const second = 1_000;
const minute = 60 * second;

describe('claiming a submission', () => {
  it('records that a create is on its way before it is sent', () => {
    expect(claimed().submission).toEqual({
      notBeforeMs: startMs,
      attempts: 1,
      lookUps: 0,
      leaseUntilMs: startMs + minute,
      unansweredSinceMs: startMs,
    });
  });

  it.each<[string, Task]>([
    ['is with the provider', aSubmittedTask()],
    ['has ended', aTask({ status: 'FAILURE' })],
    ['is claimed by another worker', claimed()],
    ['is not due yet', aTask({ submission: { notBeforeMs: startMs + 3 * second, attempts: 1, lookUps: 0 } })],
  ])('does nothing if the task %s', (_, task) => {
    expect(claimAt(task, startMs)).toEqual({ do: 'nothing' });
  });

  it('takes a wake-up that comes two seconds early by another clock', () => {
    const task = aTask({ submission: { notBeforeMs: startMs + 2 * second, attempts: 1, lookUps: 0 } });
    expect(claimAt(task, startMs).do).toBe('create');
  });

  it('looks up first when a worker died after it had claimed', () => {
    const claim = claimAt(claimed(), startMs + minute);
    expect(claim).toMatchObject({ do: 'look-up', task: { status: 'UNKNOWN' } });
  });

  it('keeps the time of the first create while it is looked up', () => {
    const claim = claimAt(claimed(), startMs + 90 * second);
    expect(claim).toMatchObject({
      task: { submission: { unansweredSinceMs: startMs, leaseUntilMs: startMs + 150 * second, attempts: 2 } },
    });
  });

  it('fails a task at its deadline instead of handing it over', () => {
    const task = aTask({ deadlineAtMs: startMs + minute });
    expect(claimAt(task, startMs + minute)).toMatchObject({
      do: 'settled',
      task: { status: 'FAILURE', failReason: expect.stringContaining('Not started within 60 s') },
    });
  });

  it('fails a task at its deadline although it was to wait for longer', () => {
    const waiting = { notBeforeMs: startMs + 2 * minute, attempts: 9, lookUps: 0 };
    const task = aTask({ deadlineAtMs: startMs + minute, submission: waiting });
    expect(claimAt(task, startMs + minute).do).toBe('settled');
  });

  it('says at the deadline of an unconfirmed task that the provider never confirmed it', () => {
    const task = { ...unanswered(), deadlineAtMs: startMs + minute };
    expect(claimAt(task, startMs + minute)).toMatchObject({
      task: { failReason: expect.stringContaining('never confirmed') },
    });
  });
});

describe('a task of a workspace that may have only so many in flight', () => {
  const waitingForOthers = { ...aTask().submission, line: 'workspace', place: 'place' } as const;
  const later = { ...waitingForOthers, notBeforeMs: startMs + 15 * minute };
  const claimAs = (admission: Admission | undefined, submission: Task['submission'] = later) =>
    claimSubmission(aTask({ submission }), startMs, undefined, admission);

  const createdBy = (admission: Admission): Task => {
    const claim = claimAs(admission);
    if (claim.do !== 'create') throw new Error(`expected to create, but ${claim.do}`);
    return claim.task;
  };

  it('waits for the others where there is no room', () => {
    const joins = { do: 'join', line: { name: 'WORKSPACE#workspace-1', isCounted: false } };
    expect(claimAs('full', aTask().submission)).toMatchObject(joins);
    expect(claimAs('full')).toEqual({ do: 'nothing' });
    expect(claimAs('full', waitingForOthers)).toMatchObject({ do: 'wait', place: 'place' });
  });

  it('is handed over once it is counted, which is recorded before', () => {
    const { submission } = createdBy('counted');
    expect(submission).toMatchObject({ counted: true, unansweredSinceMs: startMs, attempts: 1 });
    expect(submission).not.toHaveProperty('line');
    expect(submission).not.toHaveProperty('place');
    expect(submission).not.toHaveProperty('hasWaited');
  });

  it('is handed over uncounted where the limit was taken away', () => {
    expect(createdBy('unlimited').submission).not.toHaveProperty('counted');
  });

  it('stays where it is if nobody has asked whether there is room', () => {
    expect(claimAs(undefined)).toEqual({ do: 'nothing' });
    expect(claimAs(undefined, aTask().submission)).toEqual({ do: 'nothing' });
  });

  it.each<[string, Partial<Task>]>([
    ['counted', { submission: { ...aTask().submission, counted: true } }],
    ['with the provider', { status: 'SUBMITTED' }],
    ['perhaps with the provider', { submission: { ...aTask().submission, unansweredSinceMs: startMs } }],
    ['past its deadline', { deadlineAtMs: startMs }],
    ['not due', { submission: { ...aTask().submission, notBeforeMs: startMs + minute } }],
    ['an image', { kind: 'image' }],
  ])('needs no room that is %s', (_, changes) => {
    expect(needsAdmission(aTask(changes), startMs, undefined)).toBe(false);
  });
});
