import { describe, expect, it } from 'vitest';
import type { TaskEventType } from '../../lib/tasks/delivery.ts';
import { nextDue } from '../../lib/tasks/due.ts';
import { completeImages, completeVideo, expire, failTask, withEvent } from '../../lib/tasks/settlement.ts';
import type { RunningVideo, Task, UnfinishedTask } from '../../lib/tasks/task.ts';
import { eventIdFor } from '../../lib/tasks/task-id.ts';
import {
  anImageTask,
  anUnconfirmedTask,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';

const url = 'https://cdn.example/video.mp4';
const failure = { code: 'generation_failed', reason: 'The picture was refused.' } as const;

const told = (...events: TaskEventType[]): Pick<Task, 'callback'> => ({
  callback: { url: 'https://client.example/hook', events },
});

describe('ending a task', () => {
  const both = told('video.completed', 'video.failed');
  it.each<[TaskEventType, Task, object]>([
    ['video.completed', completeVideo(aRunningTask(both), url, startMs), { status: 'SUCCESS', url }],
    ['video.failed', failTask(aRunningTask(both), failure, startMs), { status: 'FAILURE', ...failure }],
    [
      'image.completed',
      completeImages(anImageTask(told('image.completed')), { images: [{ url }], servedBy: 'a/b' }, startMs),
      { status: 'SUCCESS', images: [{ url }] },
    ],
  ])('makes %s due in the same change', (type, task, result) => {
    expect(task).toMatchObject({
      state: 'ended',
      result,
      endedAtMs: startMs,
      delivery: {
        eventId: eventIdFor(task.id, type),
        type,
        state: 'pending',
        attempts: 0,
        nextAttemptAtMs: startMs,
      },
    });
    expect(nextDue(task)).toEqual({ step: 'deliver', atMs: startMs });
  });

  it.each<[string, Partial<RunningVideo>]>([
    ['names no callback', {}],
    ['wants to hear of other events', told('video.failed')],
  ])('makes nothing due when the client %s', (_, changes) => {
    const task = completeVideo(aRunningTask(changes), url, startMs);
    expect(task).not.toHaveProperty('delivery');
    expect(nextDue(task)).toBeUndefined();
  });

  it('takes the place of a progress event that is still on its way', () => {
    const task = withEvent(
      aRunningTask(told('video.in_progress', 'video.completed')),
      'video.in_progress',
      startMs,
    );
    if (task.delivery === undefined) throw new Error('expected an event');
    const attempted = { ...task, delivery: { ...task.delivery, attempts: 3, leaseUntilMs: startMs + 1 } };
    const { delivery } = completeVideo(attempted, url, startMs);
    expect(delivery).toMatchObject({ type: 'video.completed', attempts: 0 });
    expect(delivery).not.toHaveProperty('leaseUntilMs');
    expect(delivery?.eventId).not.toBe(task.delivery.eventId);
  });

  it.each<[string, Task]>([
    ['waits', aTask({ membership: { sinceMs: startMs } })],
    ['is being handed over', aSubmittingTask()],
    ['may be with the provider', anUnconfirmedTask()],
    ['runs', aRunningTask({ webhooks: { looks: 1, lookAtMs: startMs } })],
    ['is an image', anImageTask()],
  ])('erases the prompt, the claim and all wake-ups of one that %s', (_state, task) => {
    const ended = failTask(task, failure, startMs);
    expect(JSON.stringify(ended)).not.toMatch(
      /rain|lighthouse|request"|leaseUntilMs|sentAt|pollOverdue|webhooks|notBefore|membership/,
    );
  });

  it('happens once: a task that has ended stays as it is', () => {
    const ended = completeVideo(aRunningTask(), url, startMs);
    expect(failTask(ended, failure, startMs + 1)).toBe(ended);
  });

  it.each<[string, UnfinishedTask, RegExp]>([
    ['waited for a slot', aTask(), /^Not started within 7200 s: no slot was free/],
    ['was never confirmed', anUnconfirmedTask(), /never confirmed that it received/],
    ['did not end', aRunningTask(), /^Not finished within 7200 s\. Submit it again/],
  ])('says at the deadline of one that %s what to do', (_what, task, reason) => {
    expect(expire(task, startMs).result).toMatchObject({
      code: 'expired',
      reason: expect.stringMatching(reason),
    });
  });
});
