import { describe, expect, it } from 'vitest';
import type { PollOutcome, StartOutcome } from '../../lib/providers/provider.ts';
import { nextDue } from '../../lib/tasks/due.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import {
  adopt,
  afterBusy,
  afterCreate,
  afterLookUp,
  claimSubmission,
  firstPollAtMs,
  permitsSecondCreate,
  recordCreate,
} from '../../lib/videos/submission.ts';
import {
  anEndedTask,
  anImageTask,
  anUnconfirmedTask,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';

const second = 1_000;
const minute = 60 * second;
const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const accepted = { status: 'accepted', operation } as const;
const membership = { sinceMs: startMs };
const circumstances = { canFind: true, membership: undefined, random: 0.5, nowMs: startMs };

describe('claiming a submission', () => {
  it('records that a create is on its way before it is sent', () => {
    const claim = claimSubmission(aTask(), startMs);
    if (claim.outcome !== 'create') throw new Error(`expected to create, but ${claim.outcome}`);
    expect(recordCreate(claim.task, undefined, startMs, startMs)).toEqual(aSubmittingTask());
  });

  it('is looked at when the claim has run out, however long the task was to wait', () => {
    const woken = aTask({ notBeforeMs: startMs + 5 * minute });
    const claimed = recordCreate(woken, undefined, startMs, startMs);
    expect(nextDue(claimed)).toEqual({ step: 'submit', atMs: claimed.leaseUntilMs });
  });

  it.each<[string, Task]>([
    ['is with the provider', aRunningTask()],
    ['has ended', anEndedTask()],
    ['is claimed by another worker', aSubmittingTask()],
    [
      'is looked up by another worker',
      anUnconfirmedTask({ leaseUntilMs: startMs + 1, notBeforeMs: startMs }),
    ],
    ['is not due yet', aTask({ notBeforeMs: startMs + 3 * second })],
    ['is to be looked up later', anUnconfirmedTask()],
    ['is an image', anImageTask()],
  ])('is left alone if the task %s', (_, task) => {
    expect(claimSubmission(task, startMs)).toEqual({ outcome: 'leased' });
  });

  it('takes a wake-up that comes two seconds early by another clock', () => {
    expect(claimSubmission(aTask({ notBeforeMs: startMs + 2 * second }), startMs).outcome).toBe('create');
  });

  it('lets a task ask that waits in a queue, whenever it is woken', () => {
    const waiting = aTask({
      membership: { ...membership, waitsFor: 'model' },
      notBeforeMs: startMs + 10 * minute,
    });
    expect(claimSubmission(waiting, startMs).outcome).toBe('create');
  });

  it('looks up first when a worker died after it had claimed, with the time of that create', () => {
    const claim = claimSubmission(aSubmittingTask(), startMs + 90 * second);
    expect(claim).toMatchObject({
      outcome: 'unconfirmed',
      task: { sentAtMs: startMs, leaseUntilMs: startMs + 150 * second, attempts: 2 },
    });
  });

  it.each([aSubmittingTask(), anUnconfirmedTask()])(
    'looks up once more at its deadline what may be with the provider: $state',
    (task) => {
      const deadlineAtMs = startMs + 61 * second;
      expect(claimSubmission({ ...task, deadlineAtMs }, deadlineAtMs).outcome).toBe('unconfirmed');
    },
  );

  it.each<[string, Task, string]>([
    ['was never handed over', aTask(), 'Not started within 60 s'],
    ['was to wait for longer', aTask({ notBeforeMs: startMs + 2 * minute }), 'Not started within 60 s'],
  ])('fails a task at its deadline that %s', (_what, task, words) => {
    const claim = claimSubmission({ ...task, deadlineAtMs: startMs + minute }, startMs + minute);
    expect(claim).toMatchObject({
      outcome: 'expired',
      task: { result: { code: 'expired', reason: expect.stringContaining(words) } },
    });
  });
});

describe("a create's answer", () => {
  const answered = (outcome: Parameters<typeof afterCreate>[2]) =>
    afterCreate(aSubmittingTask(), aSubmittingTask(), outcome, circumstances);

  it('fails a refused task with the words that the caller may read', () => {
    const task = answered({ status: 'refused', reason: 'The prompt was refused.' });
    expect(task).toMatchObject({ result: { code: 'refused', reason: 'The prompt was refused.' } });
    expect(task).not.toHaveProperty('request');
  });

  it('lets a task wait when the provider is busy, as the queue says', () => {
    const waiting = { membership, retryAtMs: startMs + 20 * second };
    expect(afterBusy(aSubmittingTask(), aSubmittingTask(), waiting)).toEqual(
      aTask({ attempts: 1, membership, notBeforeMs: startMs + 20 * second }),
    );
  });

  it("comes back slowly after an operator's fault", () => {
    const task = answered({ status: 'operator-fault', detail: '1102' });
    expect(task).toEqual(aTask({ attempts: 1, notBeforeMs: startMs + 5 * minute }));
  });

  it('has the task looked up after 5 s when it is lost', () => {
    const task = answered({ status: 'unclear', detail: 'timed out' });
    expect(task).toEqual(anUnconfirmedTask());
    expect(task && statusOf(task)).toBe('UNKNOWN');
  });

  it('ends a task when it is lost and the provider cannot look anything up: nothing is asked for twice', () => {
    const unclear = { status: 'unclear', detail: 'timed out' } as const;
    const without = { ...circumstances, canFind: false };
    expect(afterCreate(aSubmittingTask(), aSubmittingTask(), unclear, without)).toMatchObject({
      result: { code: 'unconfirmed', reason: expect.stringContaining('may have been made and charged') },
    });
  });

  it.each<Exclude<StartOutcome, { status: 'accepted' }>>([
    { status: 'busy', reason: 'rate', detail: '' },
    { status: 'unclear', detail: '' },
    { status: 'operator-fault', detail: '' },
    { status: 'refused', reason: 'No.' },
  ])("of a worker that lost its claim does not undo another's ($status)", (outcome) => {
    const other = aSubmittingTask({ attempts: 2, sentAtMs: startMs + minute });
    const after =
      outcome.status === 'busy'
        ? afterBusy(other, aSubmittingTask(), { membership, retryAtMs: startMs })
        : afterCreate(other, aSubmittingTask(), outcome, circumstances);
    expect(after).toBeUndefined();
  });

  it('remembers an earlier create that was lost, whatever becomes of the second', () => {
    const second = recordCreate(anUnconfirmedTask(), undefined, startMs + minute, startMs + minute);
    expect(second).toMatchObject({ sentAtMs: startMs + minute, lostCreateAtMs: startMs });
    expect(afterBusy(second, second, { membership, retryAtMs: startMs + 2 * minute })).toEqual(
      anUnconfirmedTask({ attempts: 2, membership, notBeforeMs: startMs + 2 * minute }),
    );
  });
});

describe('a task that its provider has', () => {
  const adoption = { known: accepted, membership: undefined, copiesResults: false };
  const found = (state: PollOutcome, createdAtMs?: number) => ({
    ...adoption,
    known: { status: 'found', operation, state, ...(createdAtMs && { createdAtMs }) } as const,
  });

  it('is polled from now on, and its prompt is erased', () => {
    const task = adopt(aSubmittingTask(), adoption, startMs);
    expect(task).toMatchObject({
      state: 'running',
      render: { operation, submittedAtMs: startMs },
      pollGeneration: 1,
    });
    expect(JSON.stringify(task)).not.toContain('rain on a tin roof');
  });

  it('is so although its worker lost its claim', () => {
    expect(adopt(aSubmittingTask({ attempts: 7 }), adoption, startMs)).toMatchObject({ state: 'running' });
  });

  it.each([anEndedTask(), aRunningTask()])('changes no more once it is $state', (task) => {
    expect(adopt(task, adoption, startMs)).toBeUndefined();
  });

  it('counts as rendering since the provider took it, when it is found later', () => {
    const task = adopt(
      anUnconfirmedTask(),
      found({ status: 'running' }, startMs + 2 * second),
      startMs + minute,
    );
    expect(task).toMatchObject({
      render: { submittedAtMs: startMs + 2 * second, startedAtMs: startMs + minute },
    });
  });

  it.each([
    ['before it was accepted here', startMs - minute, startMs],
    ['in the future', startMs + 10 * minute, startMs + minute],
  ])('is not believed to have been taken %s', (_when, createdAtMs, submittedAtMs) => {
    const task = adopt(anUnconfirmedTask(), found({ status: 'queued' }, createdAtMs), startMs + minute);
    expect(task).toMatchObject({ render: { submittedAtMs } });
  });

  it.each<[PollOutcome, object]>([
    [
      { status: 'succeeded', resultUrl: 'https://a.example' },
      { status: 'SUCCESS', url: 'https://a.example' },
    ],
    [
      { status: 'failed', reason: 'No.' },
      { status: 'FAILURE', reason: 'No.' },
    ],
  ])('ends in the same step where it is found $status', (state, result) => {
    const task = adopt(anUnconfirmedTask(), found(state), startMs + minute);
    expect(task).toMatchObject({ state: 'ended', result, endedAtMs: startMs + minute });
  });

  it('is looked at at once where its video is there, but is to be copied first', () => {
    const state = { status: 'succeeded', resultUrl: 'https://a.example' } as const;
    const ready = { ...found(state), copiesResults: true };
    const task = adopt(anUnconfirmedTask(), ready, startMs + minute);
    if (task?.state !== 'running') throw new Error('expected it to run');
    expect(firstPollAtMs(task, ready.known, startMs + minute)).toBe(startMs + minute);
  });

  it('is looked at at once where a webhook told of an end before', () => {
    const task = adopt(aSubmittingTask({ endReported: true }), adoption, startMs + second);
    if (task?.state !== 'running') throw new Error('expected it to run');
    expect(task.webhooks).toEqual({ looks: 1, lookAtMs: startMs + second, endReported: true });
    expect(firstPollAtMs(task, accepted, startMs + second)).toBe(startMs + second);
  });
});

describe('looking up a create that had no answer', () => {
  it('happens after 5, 15, 30 and 60 s, then each minute', () => {
    const atSeconds: number[] = [];
    let task = anUnconfirmedTask();
    for (let lookUp = 0; lookUp < 6; lookUp += 1) {
      atSeconds.push((task.notBeforeMs - startMs) / second);
      const after = afterLookUp(task, task, task.notBeforeMs);
      if (after?.state !== 'unconfirmed') throw new Error('expected it to stay unconfirmed');
      task = after;
    }
    expect(atSeconds).toEqual([5, 15, 30, 60, 120, 180]);
  });

  it.each([
    [59, false],
    [60, true],
  ])('in vain after %i s: a second create is permitted: %s', (seconds, permitted) => {
    expect(permitsSecondCreate(anUnconfirmedTask(), startMs + seconds * second)).toBe(permitted);
  });

  it('counts the time anew from the second create', () => {
    const second = recordCreate(anUnconfirmedTask(), undefined, startMs + minute, startMs + minute);
    const claim = claimSubmission(second, startMs + 2 * minute);
    if (claim.outcome !== 'unconfirmed') throw new Error('expected a look-up');
    expect(permitsSecondCreate(claim.task, startMs + 119_999)).toBe(false);
  });

  it("does not take away another worker's claim when its own was lost", () => {
    expect(afterLookUp(anUnconfirmedTask({ attempts: 7 }), anUnconfirmedTask(), startMs)).toBeUndefined();
  });
});
