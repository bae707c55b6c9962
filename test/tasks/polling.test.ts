import { describe, expect, it } from 'vitest';
import type { PollOutcome } from '../../lib/providers/provider.ts';
import {
  afterPoll,
  decideNews,
  decidePush,
  planNextPoll,
  type RenderingTask,
  withChainWatched,
  withNewChain,
} from '../../lib/tasks/polling.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';

const second = 1_000;
const minute = 60 * second;
const resultUrl = 'https://cdn.example/video.mp4';

const rendering = (changes: Partial<Task> = {}) => aSubmittedTask(changes) as RenderingTask;

describe('an answer to a query', () => {
  it('moves a queued task to rendering', () => {
    expect(afterPoll(rendering(), { status: 'running' }, 0, startMs + second)).toMatchObject({
      status: 'IN_PROGRESS',
      startedAtMs: startMs + second,
    });
  });

  it('ends the task with the link to its result', () => {
    expect(afterPoll(rendering(), { status: 'succeeded', resultUrl }, 0, startMs)).toMatchObject({
      status: 'SUCCESS',
      resultUrl,
      endedAtMs: startMs,
    });
  });

  it('ends a failed render with the reason', () => {
    const outcome = { status: 'failed', reason: 'The picture was refused.' } as const;
    expect(afterPoll(rendering(), outcome, 0, startMs)).toMatchObject({
      status: 'FAILURE',
      failReason: 'The picture was refused.',
    });
  });

  it.each<[string, Task, PollOutcome]>([
    ['a queued task says queued', rendering(), { status: 'queued' }],
    ['a rendering task says running', rendering({ status: 'IN_PROGRESS' }), { status: 'running' }],
    ['a rendering task says queued', rendering({ status: 'IN_PROGRESS' }), { status: 'queued' }],
    ['nothing was answered', rendering(), { status: 'unanswered', detail: 'timed out' }],
    ['a finished task says running', rendering({ status: 'SUCCESS', resultUrl }), { status: 'running' }],
    ['a finished task says failed', rendering({ status: 'SUCCESS' }), { status: 'failed', reason: '' }],
    ['a failed task says succeeded', rendering({ status: 'FAILURE' }), { status: 'succeeded', resultUrl }],
  ])('that comes late or says nothing new changes nothing: %s', (_, task, outcome) => {
    expect(afterPoll(task, outcome, 0, startMs)).toBeUndefined();
  });

  it.each([
    [0, undefined],
    [3, undefined],
    [4, 'FAILURE'],
  ])('"not found", after %i of its kind in a row, makes the task %s', (before, status) => {
    expect(afterPoll(rendering(), { status: 'not-found' }, before, startMs)?.status).toBe(status);
  });

  it.each<PollOutcome>([
    { status: 'queued' },
    { status: 'running' },
    { status: 'unanswered', detail: '' },
    { status: 'not-found' },
  ])('that does not end the task at its deadline fails it ($status)', (outcome) => {
    const task = rendering({ deadlineAtMs: startMs + minute });
    expect(afterPoll(task, outcome, 0, startMs + minute)).toMatchObject({
      status: 'FAILURE',
      failReason: expect.stringContaining('Not finished within 60 s'),
    });
  });

  it('that brings the video past the deadline is still a success', () => {
    const task = rendering({ deadlineAtMs: startMs });
    expect(afterPoll(task, { status: 'succeeded', resultUrl }, 0, startMs + minute)?.status).toBe('SUCCESS');
  });
});

describe('the chain of polls', () => {
  it('looks at the deadline at the latest', () => {
    const task = rendering({ deadlineAtMs: startMs + 10 * second });
    expect(planNextPoll(task, 0, startMs).atMs).toBe(startMs + 10 * second);
  });

  it('keeps its distance even when the deadline is passed', () => {
    const task = rendering({ deadlineAtMs: startMs });
    expect(planNextPoll(task, 0, startMs + second).atMs).toBe(startMs + 3 * second);
  });

  it('is not written down while the watch over it has time', () => {
    const task = rendering({ pollOverdueAtMs: startMs + 5 * minute });
    expect(withChainWatched(task, 1, startMs + 5 * minute - 1)).toBeUndefined();
  });

  it('is watched for three minutes past its next poll, and gets a new name with it', () => {
    const task = rendering({ pollOverdueAtMs: startMs + minute });
    expect(withChainWatched(task, 1, startMs + 2 * minute)).toMatchObject({
      pollChain: 2,
      pollOverdueAtMs: startMs + 5 * minute,
    });
  });

  it('that was given up is not watched on', () => {
    expect(withChainWatched(rendering({ pollChain: 2 }), 1, startMs + 60 * minute)).toBeUndefined();
  });

  it('starts anew under another name, so that messages of the old one are stale', () => {
    expect(withNewChain(rendering({ pollChain: 4 }), startMs)).toMatchObject({
      pollChain: 5,
      pollOverdueAtMs: startMs + 3 * minute,
    });
  });
});

describe("a provider's push", () => {
  it('makes us ask at once, and leaves its time on the task', () => {
    const decision = decidePush(rendering(), undefined, startMs + 10 * second);
    expect(decision).toMatchObject({ do: 'poll', task: { pushPollAtMs: startMs + 10 * second } });
  });

  it('less than two seconds after the last look is put off, not dropped', () => {
    const task = rendering({ pushPollAtMs: startMs + 10 * second });
    expect(decidePush(task, undefined, startMs + 11 * second)).toMatchObject({
      do: 'put-off',
      untilMs: startMs + 12 * second,
      task: { pushPollAtMs: startMs + 12 * second },
    });
  });

  it('right after a poll of the schedule keeps the same distance', () => {
    const firstPollMs = startMs + 42_721;
    expect(decidePush(rendering(), undefined, firstPollMs + second)).toMatchObject({
      do: 'put-off',
      untilMs: firstPollMs + 2 * second,
    });
  });

  it('need not keep its distance from a look that pushes made needless', () => {
    const task = rendering({ hearsPushes: true });
    expect(decidePush(task, undefined, startMs + 43 * second)).toMatchObject({ do: 'poll' });
  });

  it('of a storm collapses into the one look that is arranged', () => {
    const task = rendering({ pushPollAtMs: startMs + 12 * second });
    expect(decidePush(task, undefined, startMs + 11 * second)).toEqual({ do: 'nothing' });
  });

  it('that was put off is answered when its time has come', () => {
    const arrangedForMs = startMs + 12 * second;
    const task = rendering({ pushPollAtMs: arrangedForMs });
    expect(decidePush(task, arrangedForMs, arrangedForMs)).toEqual({ do: 'poll', task });
  });

  it('that was put off is forgotten when a later look took its place', () => {
    const task = rendering({ pushPollAtMs: startMs + 20 * second });
    expect(decidePush(task, startMs + 12 * second, startMs + 20 * second)).toEqual({ do: 'nothing' });
  });

  it.each([
    ['has not been handed over', aTask()],
    ['has ended', aSubmittedTask({ status: 'SUCCESS' })],
  ])('for a task that %s does nothing', (_, task) => {
    expect(decidePush(task, undefined, startMs + minute)).toEqual({ do: 'nothing' });
  });
});

describe('once pushes are heard', () => {
  const seconds = ({ atMs }: { atMs: number }) => Math.round((atMs - startMs) / second);

  it('few looks are left, beginning where most renders have ended', () => {
    const task = rendering({ hearsPushes: true });
    const looks: number[] = [];
    let plan = planNextPoll(task, 0, startMs);
    for (; looks.length < 5; plan = planNextPoll(task, plan.poll + 1, plan.atMs)) looks.push(seconds(plan));
    expect(looks).toEqual([206, 286, 400, 608, 925]);
  });

  it('a video that is to be copied is looked at as ever: no push tells when that will work', () => {
    const task = rendering({ hearsPushes: true, uncopiedUrl: resultUrl });
    expect(seconds(planNextPoll(task, 0, startMs))).toBe(43);
  });

  it('a client that waits for the event of the beginning gets the looks that find it', () => {
    const callback = { url: 'https://client.example', events: ['video.in_progress' as const] };
    const task = rendering({ hearsPushes: true, callback });
    expect(seconds(planNextPoll(task, 0, startMs))).toBe(43);
    expect(seconds(planNextPoll({ ...task, status: 'IN_PROGRESS' }, 0, startMs))).toBe(206);
  });
});

describe('what a push says of a task under way', () => {
  const running = { operationId: '867283741759111202', status: 'running' } as const;

  it('moves it to rendering, and nothing else', () => {
    const task = rendering();
    expect(decideNews(task, running, startMs + second)).toEqual({
      do: 'record',
      task: { ...task, status: 'IN_PROGRESS', startedAtMs: startMs + second, hearsPushes: true },
    });
  });

  it('is no reason to show a beginning past the deadline', () => {
    const task = rendering();
    expect(decideNews(task, running, task.deadlineAtMs)).toMatchObject({ task: { status: 'SUBMITTED' } });
  });
});
