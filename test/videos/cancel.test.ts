import { describe, expect, it } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { cancel } from '../../lib/videos/cancel.ts';
import {
  anEndedTask,
  anUnconfirmedTask,
  aRender,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';

describe('calling a task off', () => {
  it('ends one that still waits, and says who did', () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.failed'] };
    expect(cancel(aTask({ callback }), startMs)).toMatchObject({
      cancelled: true,
      task: {
        state: 'ended',
        result: { status: 'FAILURE', code: 'cancelled', reason: 'Cancelled by the caller.' },
        delivery: { type: 'video.failed', nextAttemptAtMs: startMs },
      },
    });
  });

  it('ends one that the provider was too busy for', () => {
    expect(cancel(aTask({ attempts: 4, notBeforeMs: startMs + 60_000 }), startMs).cancelled).toBe(true);
  });

  it.each<[string, Task, RegExp]>([
    ['is just being handed over', aSubmittingTask(), /cannot stop a render/],
    [
      'may have been handed over by a worker that died',
      aSubmittingTask({ leaseUntilMs: startMs - 1, sentAtMs: startMs - 60_001 }),
      /cannot stop a render/,
    ],
    ['may be with the provider', anUnconfirmedTask(), /cannot stop a render/],
    ['is with the provider', aRunningTask(), /cannot stop a render/],
    ['is rendering', aRunningTask({ render: { ...aRender, startedAtMs: startMs } }), /cannot stop a render/],
    ['has ended', anEndedTask(), /already ended/],
  ])('is refused when it %s', (_, task, reason) => {
    expect(cancel(task, startMs)).toEqual({ cancelled: false, reason: expect.stringMatching(reason) });
  });
});
