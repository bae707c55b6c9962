import { describe, expect, it } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { decideWebhook } from '../../lib/videos/provider-webhook.ts';
import {
  anEndedTask,
  anImageTask,
  anUnconfirmedTask,
  aRender,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';

const second = 1_000;
const minute = 60 * second;
const running = { operationId: aRender.operation.id, status: 'running' } as const;

describe('a webhook that may tell of an end', () => {
  it('makes us ask at once, and leaves its time on the task', () => {
    const decision = decideWebhook(aRunningTask(), undefined, startMs + 10 * second);
    expect(decision).toMatchObject({
      do: 'poll',
      atMs: startMs + 10 * second,
      task: {
        pollGeneration: 2,
        webhooks: { looks: 1, lookAtMs: startMs + 10 * second, endReported: true },
      },
    });
  });

  it('less than two seconds after the last look is put off, not dropped', () => {
    const task = aRunningTask({ webhooks: { looks: 1, lookAtMs: startMs + 10 * second } });
    expect(decideWebhook(task, undefined, startMs + 11 * second)).toMatchObject({
      do: 'poll',
      atMs: startMs + 12 * second,
    });
  });

  it('right after a poll of the schedule keeps the same distance', () => {
    const firstPollMs = startMs + 42_721;
    expect(decideWebhook(aRunningTask(), undefined, firstPollMs + second)).toMatchObject({
      atMs: firstPollMs + 2 * second,
    });
  });

  it('need not keep its distance from a poll that webhooks made needless', () => {
    const task = aRunningTask({ webhooks: { looks: 0 } });
    expect(decideWebhook(task, undefined, startMs + 43 * second)).toMatchObject({
      atMs: startMs + 43 * second,
    });
  });

  it('adds nothing to one that is still to be looked for', () => {
    const webhooks = { looks: 1, lookAtMs: startMs + 12 * second, endReported: true } as const;
    expect(decideWebhook(aRunningTask({ webhooks }), undefined, startMs + 11 * second)).toEqual({
      do: 'nothing',
    });
  });

  it('makes an end be looked for by a look that was arranged for another reason', () => {
    const webhooks = { looks: 1, lookAtMs: startMs + 12 * second };
    expect(decideWebhook(aRunningTask({ webhooks }), undefined, startMs + 11 * second)).toMatchObject({
      do: 'record',
      task: { webhooks: { ...webhooks, endReported: true } },
    });
  });

  it('leads to fewer and fewer looks if it keeps coming: an address may have leaked', () => {
    let task = aRunningTask();
    let looks = 0;
    for (let nowMs = startMs; nowMs < startMs + 120 * minute; nowMs += second) {
      const decision = decideWebhook(task, undefined, nowMs);
      if (decision.do !== 'poll') continue;
      task = decision.task;
      looks += 1;
    }
    expect(looks).toBeLessThan(50);
  });

  it.each<[string, Task]>([
    ['has ended', anEndedTask()],
    ['nobody has handed over', aTask()],
    ['is an image', anImageTask()],
  ])('is nonsense for a task that %s', (_, task) => {
    expect(decideWebhook(task, undefined, startMs + minute)).toEqual({ do: 'nothing' });
  });

  it('of a task that is just being handed over is kept for its acceptance, or looked up when the worker died', () => {
    expect(decideWebhook(aSubmittingTask(), undefined, startMs + second)).toEqual({
      do: 'look-up',
      task: aSubmittingTask({ endReported: true }),
      atMs: startMs + minute,
    });
  });

  it('of a create whose answer was lost has it looked up at once', () => {
    expect(decideWebhook(anUnconfirmedTask(), undefined, startMs + second)).toEqual({
      do: 'look-up',
      task: anUnconfirmedTask({ endReported: true, notBeforeMs: startMs + second }),
      atMs: startMs + second,
    });
  });
});

describe('a webhook that says a task is under way', () => {
  it('moves it to rendering, and nothing else', () => {
    expect(decideWebhook(aRunningTask(), running, startMs + second)).toEqual({
      do: 'record',
      task: aRunningTask({ render: { ...aRender, startedAtMs: startMs + second }, webhooks: { looks: 0 } }),
    });
  });

  it('is no reason to show a beginning past the deadline', () => {
    const decision = decideWebhook(aRunningTask(), running, aRunningTask().deadlineAtMs);
    expect(decision).toEqual({ do: 'record', task: aRunningTask({ webhooks: { looks: 0 } }) });
  });

  it('is asked about, once, where the caller is to be told by an event', () => {
    const callback = { url: 'https://client.example', events: ['video.in_progress' as const] };
    const decision = decideWebhook(aRunningTask({ callback }), running, startMs + second);
    expect(decision).toMatchObject({ do: 'poll', task: { webhooks: { looks: 1 } } });
    expect(decision).not.toHaveProperty('task.webhooks.endReported');
  });
});
