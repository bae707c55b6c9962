import { isEnded, type RunningVideo, type Task } from '../../lib/tasks/task.ts';
import type { ExpectedRender } from '../../lib/videos/poll-schedule.ts';
import { afterPoll, isWorthAsking, planNextPollMs } from '../../lib/videos/polling.ts';
import { decideWebhook } from '../../lib/videos/provider-webhook.ts';
import { aRender, aRunningTask, startMs } from '../../test/support/a-task.ts';

/** What the provider tells of a render, by when it happens. */
type Change = 'queued' | 'running' | 'ended';

/** How long the provider says that a render is queued, and takes to tell of a change. */
const queuedMs = 5_000;
const webhookMs = 1_000;

type Event = { atMs: number; is: 'poll'; generation: number } | { atMs: number; is: 'webhook'; told: Change };

type Followed = { queries: number; messages: number; delaySeconds: number };

/**
 * Follows one render by the project's own decisions, through the polls that it makes and the webhooks that arrive.
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
    .map(([told, atMs]) => ({ atMs: atMs + webhookMs, is: 'webhook', told }));
  let task = aRunningTask({ deadlineAtMs: Number.MAX_SAFE_INTEGER, ...expected }) as Task;
  let queries = 0;
  let messages = 0;

  const ask = (running: RunningVideo, nowMs: number): void => {
    queries += 1;
    const isQueued = nowMs < startMs + queuedMs;
    const outcome =
      nowMs >= endMs
        ? ({ status: 'succeeded', resultUrl: '' } as const)
        : ({ status: isQueued ? 'queued' : 'running' } as const);
    task = afterPoll(running, outcome, 0, nowMs) ?? running;
  };

  const send = (generation: number, nowMs: number, atMs: number): void => {
    events.push({ atMs: nowMs + Math.ceil((atMs - nowMs) / 1_000) * 1_000, is: 'poll', generation });
  };

  const receive = (told: Change, nowMs: number): void => {
    const { id: operationId } = aRender.operation;
    const decision = decideWebhook(task, told === 'ended' ? undefined : { operationId, status: told }, nowMs);
    if (decision.do === 'nothing') return;
    task = decision.task;
    if (decision.do === 'poll') send(decision.task.pollGeneration, nowMs, decision.atMs);
  };

  const poll = (generation: number, nowMs: number): void => {
    messages += 1;
    if (task.state !== 'running' || task.pollGeneration !== generation) return;
    if (isWorthAsking(task, nowMs)) ask(task, nowMs);
    if (task.state === 'running') send(generation, nowMs, planNextPollMs(task, nowMs));
  };

  const happen = (event: Event): void => {
    if (event.is === 'webhook') receive(event.told, event.atMs);
    else poll(event.generation, event.atMs);
  };

  if (task.state === 'running') send(task.pollGeneration, startMs, planNextPollMs(task, startMs));
  while (!isEnded(task)) {
    const next = events.toSorted((one, other) => one.atMs - other.atMs)[0];
    if (next === undefined) throw new Error('a render was lost sight of');
    events.splice(events.indexOf(next), 1);
    happen(next);
  }
  // What is still on its way finds the task ended.
  return {
    queries,
    messages: messages + events.filter((event) => event.is === 'poll').length,
    delaySeconds: (task.endedAtMs - endMs) / 1_000,
  };
};
