import { describe, expect, it } from 'vitest';
import { cancel } from '../../lib/tasks/cancel.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';

const waiting = { notBeforeMs: startMs, attempts: 1, lookUps: 0 };

describe('calling a task off', () => {
  it('ends one that still waits, and says who did', () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.failed'] };
    expect(cancel(aTask({ callback }), startMs)).toMatchObject({
      cancelled: true,
      task: {
        status: 'FAILURE',
        failReason: 'Cancelled by the caller.',
        delivery: { type: 'video.failed', nextAttemptAtMs: startMs },
      },
    });
  });

  it('ends one that the provider was too busy for', () => {
    const submission = { ...waiting, attempts: 4, notBeforeMs: startMs + 60_000 };
    expect(cancel(aTask({ submission }), startMs).cancelled).toBe(true);
  });

  it.each<[string, Task, RegExp]>([
    [
      'is just being handed over',
      aTask({ submission: { ...waiting, leaseUntilMs: startMs + 1 } }),
      /cannot stop a render/,
    ],
    [
      'may have been handed over by a worker that died',
      aTask({ submission: { ...waiting, leaseUntilMs: startMs - 1, unansweredSinceMs: startMs - 60_001 } }),
      /cannot stop a render/,
    ],
    ['may be with the provider', aTask({ status: 'UNKNOWN' }), /cannot stop a render/],
    ['is with the provider', aSubmittedTask(), /cannot stop a render/],
    ['is rendering', aSubmittedTask({ status: 'IN_PROGRESS' }), /cannot stop a render/],
    ['has ended', aSubmittedTask({ status: 'SUCCESS' }), /already ended/],
  ])('is refused when it %s', (_, task, reason) => {
    expect(cancel(task, startMs)).toEqual({ cancelled: false, reason: expect.stringMatching(reason) });
  });
});
