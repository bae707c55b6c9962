import { describe, expect, it } from 'vitest';
import { nextDue } from '../../lib/tasks/due.ts';
import { expire, settle, withEvent } from '../../lib/tasks/settlement.ts';
import type { EventType, Task } from '../../lib/tasks/task.ts';
import { eventIdFor } from '../../lib/tasks/task-id.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';

const success = { status: 'SUCCESS', resultUrl: 'https://cdn.example/video.mp4' } as const;
const failure = { status: 'FAILURE', failReason: 'The picture was refused.' } as const;

const told = (...events: EventType[]): Pick<Task, 'callback'> => ({
  callback: { url: 'https://client.example/hook', events },
});

describe('ending a task', () => {
  it.each([
    ['video.completed', success],
    ['video.failed', failure],
  ] as const)('makes %s due in the same change', (type, ending) => {
    const task = settle(aSubmittedTask(told('video.completed', 'video.failed')), ending, startMs);
    expect(task).toMatchObject({
      ...ending,
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

  it.each<[string, Partial<Task>]>([
    ['names no callback', {}],
    ['wants to hear of other events', told('video.failed')],
  ])('makes nothing due when the client %s', (_, changes) => {
    const task = settle(aSubmittedTask(changes), success, startMs);
    expect(task).not.toHaveProperty('delivery');
    expect(nextDue(task)).toBeUndefined();
  });

  it('takes the place of a progress event that is still on its way', () => {
    const task = withEvent(
      aSubmittedTask(told('video.in_progress', 'video.completed')),
      'video.in_progress',
      startMs,
    );
    const attempted = { ...task, delivery: { ...task.delivery, attempts: 3, leaseUntilMs: startMs + 1 } };
    const delivery = settle(attempted as Task, success, startMs).delivery;
    expect(delivery).toMatchObject({ type: 'video.completed', attempts: 0 });
    expect(delivery).not.toHaveProperty('leaseUntilMs');
    expect(delivery?.eventId).not.toBe(task.delivery?.eventId);
  });

  it('erases the prompt, the claim and all wake-ups', () => {
    const { submission, ...waiting } = aTask();
    const claimed = {
      ...waiting,
      submission: { ...submission, leaseUntilMs: startMs, unansweredSinceMs: startMs },
    };
    const task = settle({ ...claimed, pollOverdueAtMs: startMs, pushPollAtMs: startMs }, failure, startMs);
    expect(JSON.stringify(task)).not.toMatch(/rain|request"|leaseUntilMs|unanswered|pollOverdue|pushPoll/);
  });

  it('happens once: a task that has ended stays as it is', () => {
    const ended = settle(aSubmittedTask(), success, startMs);
    expect(settle(ended, failure, startMs + 1)).toBe(ended);
    expect(expire(ended, startMs + 1)).toBe(ended);
  });
});
