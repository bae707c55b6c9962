import { describe, expect, it } from 'vitest';
import { afterImages, claimImages, imageLeaseMs } from '../../lib/images/image-task.ts';
import { createProcessImageTask, type PrepareImages } from '../../lib/images/process-image-task.ts';
import { nextDue } from '../../lib/tasks/due.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import { aTask, anImageTask as queuedImage, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

const anImageTask = (changes: Parameters<typeof queuedImage>[0] = {}) =>
  queuedImage({
    callback: { url: 'https://client.test/', events: ['image.completed', 'image.failed'] },
    ...changes,
  });
const claimed = (task = anImageTask(), nowMs = startMs) => {
  const claim = claimImages(task, nowMs);
  if (claim.outcome !== 'generate') throw new Error(`the claim is ${claim.outcome}`);
  return claim.task;
};
const image = { url: 'https://gateway.test/files/1', revisedPrompt: 'a mill by a brook' };
const made = { status: 'made', images: [image], servedBy: 'grok/grok-imagine-image-quality' } as const;

describe('claiming', () => {
  it('records the intention before the provider is asked', () => {
    expect(claimed()).toMatchObject({
      state: 'submitting',
      startedAtMs: startMs,
      attempts: 1,
      leaseUntilMs: startMs + imageLeaseMs,
    });
    expect(statusOf(claimed())).toBe('IN_PROGRESS');
  });

  it('is left to the worker that has it', () => {
    expect(claimImages(claimed(), startMs + imageLeaseMs - 1).outcome).toBe('leased');
  });

  it('ends the task when the worker before was lost: the images may have been paid for', () => {
    expect(claimImages(claimed(), startMs + imageLeaseMs)).toMatchObject({
      outcome: 'ended',
      task: { result: { code: 'interrupted' }, cost: { microUsd: null }, delivery: { type: 'image.failed' } },
    });
  });

  it('ends the task at its deadline', () => {
    const task = anImageTask();
    expect(claimImages(task, task.deadlineAtMs)).toMatchObject({
      outcome: 'ended',
      task: { result: { code: 'expired' } },
    });
  });

  it('leaves videos and ended tasks alone', () => {
    expect(claimImages(aTask(), startMs).outcome).toBe('leased');
    const ended = failTask(anImageTask(), { code: 'expired', reason: 'late' }, startMs);
    expect(claimImages(ended, startMs).outcome).toBe('leased');
  });
});

describe('what was made of it', () => {
  it('ends the task with its images, erases the prompt and makes the event due', () => {
    const task = afterImages(claimed(), claimed(), made, startMs + 5_000, 0.5);
    expect(task).toMatchObject({
      result: { status: 'SUCCESS', images: [image] },
      resolvedModel: 'grok/grok-imagine-image-quality',
      delivery: { type: 'image.completed', state: 'pending' },
    });
    expect(task).not.toHaveProperty('work');
  });

  it('counts even when another worker has taken over: it is paid for', () => {
    const slow = claimed();
    const taken = { ...slow, attempts: 2 };
    expect(afterImages(taken, slow, made, startMs, 0.5)).toMatchObject({ result: { status: 'SUCCESS' } });
    expect(afterImages(taken, slow, { status: 'failed', reason: 'no' }, startMs, 0.5)).toBeUndefined();
  });

  it('waits as long as the provider asks for, and never goes back to NOT_START', () => {
    const outcome = { status: 'come-back', reason: 'busy', afterSeconds: 40 } as const;
    const task = afterImages(claimed(), claimed(), outcome, startMs, 0.5);
    expect(task).toMatchObject({ state: 'queued', notBeforeMs: startMs + 40_000 });
    expect(task && statusOf(task)).toBe('IN_PROGRESS');
    expect(task && nextDue(task)).toEqual({ step: 'make-image', atMs: startMs + 40_000 });
  });

  it('ends after so many attempts, with the last reason', () => {
    const task = claimed(anImageTask({ attempts: 7 }));
    expect(afterImages(task, task, { status: 'come-back', reason: 'down' }, startMs, 0.5)).toMatchObject({
      result: { status: 'FAILURE', reason: 'down' },
    });
  });

  it.each([
    [true, null],
    [false, 0],
  ])('costs what nobody knows, but nothing in the sandbox (livemode %s)', (livemode, microUsd) => {
    const task = claimed(anImageTask({ livemode }));
    const unclear = { status: 'failed', reason: 'lost', cost: { microUsd: null } } as const;
    for (const ended of [
      afterImages(task, task, unclear, startMs, 0.5),
      failTask(task, { code: 'interrupted', reason: 'crash' }, startMs),
    ])
      expect(ended).toMatchObject({ state: 'ended', cost: { microUsd } });
  });

  it('changes nothing about a task that has ended', () => {
    const ended = failTask(anImageTask(), { code: 'expired', reason: 'late' }, startMs);
    expect(afterImages(ended, claimed(), made, startMs, 0.5)).toBeUndefined();
  });
});

describe('processing an image task', () => {
  const setUp = async (generate: ReturnType<PrepareImages>, task = anImageTask()) => {
    const now = () => startMs;
    const tasks = createMemoryTaskStore(now);
    const { wakeUps, sent } = createRecordedWakeUps();
    await tasks.create(task);
    const work = createProcessImageTask({
      tasks,
      prepare: () => generate,
      wakeUps,
      now,
      random: () => 0.5,
      pause: async () => {},
      log: silentLog,
    });
    return { work: () => work(anImageTask().id), sent, stored: () => tasks.find(anImageTask().id) };
  };

  it('asks the provider once, however many wake-ups come at once', async () => {
    let asked = 0;
    const { work, stored } = await setUp(async () => {
      asked += 1;
      return made;
    });
    await Promise.all(Array.from({ length: 10 }, work));
    expect(asked).toBe(1);
    expect(await stored()).toMatchObject({ state: 'ended', result: { status: 'SUCCESS' } });
  });

  const comeBack = async () => ({ status: 'come-back', reason: 'busy', afterSeconds: 40 }) as const;

  it('wakes itself when it is to come back', async () => {
    const { work, sent } = await setUp(comeBack);
    await work();
    expect(sent).toEqual([{ queue: 'make-image', message: { taskId: anImageTask().id }, delaySeconds: 40 }]);
  });

  it('wakes itself at its deadline, where that is sooner', async () => {
    const { work, sent } = await setUp(comeBack, anImageTask({ deadlineAtMs: startMs + 30_000 }));
    await work();
    expect(sent).toMatchObject([{ delaySeconds: 30 }]);
  });
});
