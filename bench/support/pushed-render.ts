import type { ExpectedRender } from '../../lib/tasks/poll-schedule.ts';
import {
  afterPoll,
  decideNews,
  decidePush,
  isRendering,
  isWorthAsking,
  planNextPoll,
} from '../../lib/tasks/polling.ts';
import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, startMs } from '../../test/support/a-task.ts';

/** What the provider tells of a render, by when it happens. */
export type Change = 'queued' | 'running' | 'ended';

/** How long the provider says that a render is queued, and takes to push a change. */
const queuedMs = 5_000;
const pushMs = 1_000;

type Event =
  | { atMs: number; is: 'poll'; poll: number }
  | { atMs: number; is: 'push'; told: Change }
  | { atMs: number; is: 'put-off'; arrangedForMs: number };

export type Followed = { queries: number; messages: number; delaySeconds: number };

/**
 * Follows one render by the project's own decisions, through the polls that it makes and the pushes that arrive.
 * `messages` is how many messages of the polls queue that takes.
 */
export const followRender = (
  renderSeconds: number,
  expected: ExpectedRender,
  arrives: (change: Change) => boolean,
): Followed => {
  const endMs = startMs + renderSeconds * 1_000;
  const changes: [Change, number][] = [
    ['queued', startMs],
    ['running', startMs + queuedMs],
    ['ended', endMs],
  ];
  const events: Event[] = changes
    .filter(([change, atMs]) => atMs <= endMs && arrives(change))
    .map(([told, atMs]) => ({ atMs: atMs + pushMs, is: 'push', told }));
  let task: Task = aSubmittedTask({ deadlineAtMs: Number.POSITIVE_INFINITY, ...expected });
  let queries = 0;
  let messages = 0;

  const ask = (nowMs: number): void => {
    queries += 1;
    const isQueued = nowMs < startMs + queuedMs;
    const outcome =
      nowMs >= endMs
        ? ({ status: 'succeeded', resultUrl: '' } as const)
        : ({ status: isQueued ? 'queued' : 'running' } as const);
    task = afterPoll(task, outcome, 0, nowMs) ?? task;
  };

  const arrange = (poll: number, nowMs: number): void => {
    if (!isRendering(task)) return;
    const plan = planNextPoll(task, poll, nowMs);
    events.push({
      atMs: nowMs + Math.ceil((plan.atMs - nowMs) / 1_000) * 1_000,
      is: 'poll',
      poll: plan.poll,
    });
  };

  const wake = (nowMs: number, arrangedForMs?: number): void => {
    messages += 1;
    const decision = decidePush(task, arrangedForMs, nowMs);
    if (decision.do === 'nothing') return;
    task = decision.task;
    if (decision.do === 'poll') ask(nowMs);
    else events.push({ atMs: decision.untilMs, is: 'put-off', arrangedForMs: decision.untilMs });
  };

  const hear = (told: Change, nowMs: number): void => {
    const operationId = task.operation?.id ?? '';
    const news =
      told === 'ended' ? ({ do: 'ask' } as const) : decideNews(task, { operationId, status: told }, nowMs);
    if (news.do === 'ask') wake(nowMs);
    if (news.do === 'record') task = news.task;
  };

  const goOn = (poll: number, nowMs: number): void => {
    messages += 1;
    const isAsked = isRendering(task) && isWorthAsking(task, nowMs);
    if (isAsked) ask(nowMs);
    arrange(isAsked ? poll + 1 : poll, nowMs);
  };

  const happen = (event: Event): void => {
    if (event.is === 'push') hear(event.told, event.atMs);
    if (event.is === 'put-off') wake(event.atMs, event.arrangedForMs);
    if (event.is === 'poll') goOn(event.poll, event.atMs);
  };

  arrange(0, startMs);
  while (!isEnded(task)) {
    const next = events.toSorted((one, other) => one.atMs - other.atMs)[0];
    if (next === undefined) throw new Error('a render was lost sight of');
    events.splice(events.indexOf(next), 1);
    happen(next);
  }
  // What is still on its way finds the task ended.
  return {
    queries,
    messages: messages + events.length,
    delaySeconds: ((task.endedAtMs ?? 0) - endMs) / 1_000,
  };
};
