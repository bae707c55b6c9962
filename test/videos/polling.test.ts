import { describe, expect, it } from 'vitest';
import type { PollOutcome } from '../../lib/providers/provider.ts';
import type { RunningVideo } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import { afterPoll, isWorthAsking, planNextPollMs, withPollsWatched } from '../../lib/videos/polling.ts';
import { aRender, aRunningTask, startMs } from '../support/a-task.ts';

const second = 1_000;
const minute = 60 * second;
const resultUrl = 'https://cdn.example/video.mp4';
const rendering = aRunningTask({ render: { ...aRender, startedAtMs: startMs } });

describe('an answer to a query', () => {
  it('moves a queued task to rendering', () => {
    const task = afterPoll(aRunningTask(), { status: 'running' }, 0, startMs + second);
    expect(task).toMatchObject({ state: 'running', render: { startedAtMs: startMs + second } });
    expect(task && statusOf(task)).toBe('IN_PROGRESS');
  });

  it('ends the task with the link to its result', () => {
    expect(afterPoll(aRunningTask(), { status: 'succeeded', resultUrl }, 0, startMs)).toMatchObject({
      result: { status: 'SUCCESS', url: resultUrl },
      endedAtMs: startMs,
    });
  });

  it('ends a failed render with the reason', () => {
    const outcome = { status: 'failed', reason: 'The picture was refused.' } as const;
    expect(afterPoll(aRunningTask(), outcome, 0, startMs)).toMatchObject({
      result: { status: 'FAILURE', code: 'generation_failed', reason: 'The picture was refused.' },
    });
  });

  it.each<[string, RunningVideo, PollOutcome]>([
    ['a queued task says queued', aRunningTask(), { status: 'queued' }],
    ['a rendering task says running', rendering, { status: 'running' }],
    ['a rendering task says queued', rendering, { status: 'queued' }],
    ['nothing was answered', aRunningTask(), { status: 'unanswered', detail: 'timed out' }],
    ['our account was refused', aRunningTask(), { status: 'operator-fault', detail: 'Kling answered 1002' }],
  ])('that says nothing new changes nothing: %s', (_, task, outcome) => {
    expect(afterPoll(task, outcome, 0, startMs)).toBeUndefined();
  });

  it.each([
    [0, undefined],
    [3, undefined],
    [4, 'ended'],
  ])('"not found", after %i of its kind in a row, makes the task %s', (before, state) => {
    expect(afterPoll(aRunningTask(), { status: 'not-found' }, before, startMs)?.state).toBe(state);
  });

  it.each<PollOutcome>([
    { status: 'queued' },
    { status: 'running' },
    { status: 'unanswered', detail: '' },
    { status: 'not-found' },
  ])('that does not end the task at its deadline fails it ($status)', (outcome) => {
    const task = aRunningTask({ deadlineAtMs: startMs + minute });
    expect(afterPoll(task, outcome, 0, startMs + minute)).toMatchObject({
      result: { code: 'expired', reason: expect.stringContaining('Not finished within 60 s') },
    });
  });

  it('that brings the video past the deadline is still a success', () => {
    const task = aRunningTask({ deadlineAtMs: startMs });
    expect(afterPoll(task, { status: 'succeeded', resultUrl }, 0, startMs + minute)).toMatchObject({
      result: { status: 'SUCCESS' },
    });
  });
});

describe('a generation of polls', () => {
  it('looks at the deadline at the latest', () => {
    const task = aRunningTask({ deadlineAtMs: startMs + 10 * second });
    expect(planNextPollMs(task, startMs)).toBe(startMs + 10 * second);
  });

  it('keeps its distance even when the deadline is passed', () => {
    expect(planNextPollMs(aRunningTask({ deadlineAtMs: startMs }), startMs + second)).toBe(
      startMs + 3 * second,
    );
  });

  it('is not written down while the watch over it has time', () => {
    const task = aRunningTask({ pollOverdueAtMs: startMs + 5 * minute });
    expect(withPollsWatched(task, 1, startMs + 5 * minute - 1)).toBeUndefined();
  });

  it('is watched for three minutes past its next poll, and gets a new generation with it', () => {
    const task = aRunningTask({ pollOverdueAtMs: startMs + minute });
    expect(withPollsWatched(task, 1, startMs + 2 * minute)).toMatchObject({
      pollGeneration: 2,
      pollOverdueAtMs: startMs + 5 * minute,
    });
  });

  it('that was given up is not watched on', () => {
    expect(withPollsWatched(aRunningTask({ pollGeneration: 2 }), 1, startMs + 60 * minute)).toBeUndefined();
  });
});

describe('once webhooks arrive', () => {
  const webhooks = { looks: 0 };
  const seconds = (atMs: number) => Math.round((atMs - startMs) / second);
  const looksOf = (task: RunningVideo, count: number) => {
    const looks: number[] = [];
    for (let nowMs = planNextPollMs(task, startMs); looks.length < count; nowMs = planNextPollMs(task, nowMs))
      looks.push(seconds(nowMs));
    return looks;
  };

  it('few looks are left, beginning where most renders have ended', () => {
    expect(looksOf(aRunningTask({ webhooks }), 5)).toEqual([206, 286, 400, 608, 925]);
  });

  it('a poll of the schedule is left out until then, and never past the deadline', () => {
    const task = aRunningTask({ webhooks, deadlineAtMs: startMs + 100 * second });
    expect(isWorthAsking(task, startMs + 70 * second)).toBe(false);
    expect(isWorthAsking(task, startMs + 100 * second)).toBe(true);
    expect(isWorthAsking(aRunningTask({ webhooks }), startMs + 207 * second)).toBe(true);
  });

  it('a video that is to be copied is looked at as ever: no webhook tells when that will work', () => {
    expect(looksOf(aRunningTask({ webhooks, uncopiedUrl: resultUrl }), 1)).toEqual([43]);
  });

  it('a client that waits for the event of the beginning gets the looks that find it', () => {
    const callback = { url: 'https://client.example', events: ['video.in_progress' as const] };
    expect(looksOf(aRunningTask({ webhooks, callback }), 1)).toEqual([43]);
    expect(looksOf({ ...rendering, webhooks, callback }, 1)).toEqual([206]);
  });

  it('an end that was reported and is not shown yet is looked for in steady gaps for two minutes, then each as late again', () => {
    const reported = { looks: 1, lookAtMs: startMs + 50 * second, endReported: true } as const;
    const task = aRunningTask({ webhooks: reported, deadlineAtMs: startMs + 500 * second });
    const afterReport: number[] = [];
    let nowMs = startMs + 50 * second;
    while (nowMs < task.deadlineAtMs) {
      nowMs = planNextPollMs(task, nowMs);
      afterReport.push(seconds(nowMs) - 50);
    }
    const steady = Array.from({ length: 21 }, (_, index) => 5 + 6 * index);
    // Those of the safety net come in between.
    expect(afterReport).toEqual([...steady, 156, 236, 250, 350, 450]);
    expect(isWorthAsking(task, startMs + 55 * second)).toBe(true);
  });
});
