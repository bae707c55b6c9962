import { describe, expect, it } from 'vitest';
import { nextDue } from '../../lib/tasks/due.ts';
import { afterImages, claimImages, imageLeaseMs } from '../../lib/tasks/image-making.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { submitMessageFor } from '../../lib/tasks/wake-ups.ts';
import { aTask, startMs } from '../support/a-task.ts';

const anImageTask = (changes: Partial<Task> = {}): Task => {
  const { request: _request, ...task } = aTask();
  return {
    ...task,
    kind: 'image',
    model: 'grok/grok-imagine-image',
    imageWork: { models: ['grok/grok-imagine-image'], request: { prompt: 'a mill', n: 1 } },
    callback: { url: 'https://client.test/', events: ['image.completed', 'image.failed'] },
    ...changes,
  };
};
const claimed = (task = anImageTask(), nowMs = startMs) => {
  const claim = claimImages(task, nowMs);
  if (claim.do !== 'make') throw new Error(`the claim is to do ${claim.do}`);
  return claim.task;
};
const image = { url: 'https://gateway.test/files/1', revisedPrompt: 'a mill by a brook' };
const made = { status: 'made', images: [image], servedBy: 'grok/grok-imagine-image-quality' } as const;

describe('claiming', () => {
  it('records the intention before the provider is asked', () => {
    expect(claimed()).toMatchObject({
      status: 'IN_PROGRESS',
      submittedAtMs: startMs,
      submission: { attempts: 1, unansweredSinceMs: startMs, leaseUntilMs: startMs + imageLeaseMs },
    });
  });

  it('is left to the worker that has it', () => {
    expect(claimImages(claimed(), startMs + imageLeaseMs - 1).do).toBe('nothing');
  });

  it('ends the task when the worker before was lost: the images may have been paid for', () => {
    expect(claimImages(claimed(), startMs + imageLeaseMs)).toMatchObject({
      do: 'settled',
      task: { status: 'FAILURE', delivery: { type: 'image.failed' } },
    });
  });

  it('ends the task at its deadline', () => {
    const task = anImageTask();
    expect(claimImages(task, task.deadlineAtMs)).toMatchObject({
      do: 'settled',
      task: { status: 'FAILURE' },
    });
  });

  it('leaves videos and ended tasks alone', () => {
    expect(claimImages(aTask(), startMs).do).toBe('nothing');
    expect(claimImages(anImageTask({ status: 'SUCCESS' }), startMs).do).toBe('nothing');
  });
});

describe('what was made of it', () => {
  it('ends the task with its images, erases the prompt and makes the event due', () => {
    const task = afterImages(claimed(), claimed(), made, startMs + 5_000, 0.5);
    expect(task).toMatchObject({
      status: 'SUCCESS',
      resultUrl: image.url,
      images: [image],
      resolvedModel: 'grok/grok-imagine-image-quality',
      delivery: { type: 'image.completed', state: 'pending' },
    });
    expect(task).not.toHaveProperty('imageWork');
  });

  it('counts even when another worker has taken over: it is paid for', () => {
    const slow = claimed();
    const taken = { ...slow, submission: { ...slow.submission, attempts: 2 } };
    expect(afterImages(taken, slow, made, startMs, 0.5)?.status).toBe('SUCCESS');
    expect(afterImages(taken, slow, { status: 'failed', reason: 'no' }, startMs, 0.5)).toBeUndefined();
  });

  it('waits as long as the provider asks for, and never goes back to NOT_START', () => {
    const outcome = { status: 'come-back', reason: 'busy', afterSeconds: 40 } as const;
    const task = afterImages(claimed(), claimed(), outcome, startMs, 0.5);
    expect(task).toMatchObject({ status: 'IN_PROGRESS', submission: { notBeforeMs: startMs + 40_000 } });
    expect(task?.submission).not.toHaveProperty('leaseUntilMs');
    expect(task && nextDue(task)).toEqual({ step: 'submit', atMs: startMs + 40_000 });
  });

  it('ends after so many attempts, with the last reason', () => {
    const task = claimed(anImageTask({ submission: { notBeforeMs: startMs, attempts: 7, lookUps: 0 } }));
    expect(afterImages(task, task, { status: 'come-back', reason: 'down' }, startMs, 0.5)).toMatchObject({
      status: 'FAILURE',
      failReason: 'down',
    });
  });

  it('changes nothing about a task that has ended', () => {
    expect(afterImages(anImageTask({ status: 'FAILURE' }), claimed(), made, startMs, 0.5)).toBeUndefined();
  });
});

it('is woken by a message that says whose work it is', () => {
  expect(submitMessageFor(anImageTask())).toEqual({ taskId: aTask().id, kind: 'image' });
  expect(submitMessageFor(aTask())).toEqual({ taskId: aTask().id });
});
