import type { Log } from '../log.ts';
import type { PollOutcome, VideoProvider } from '../providers/provider.ts';
import { type Clock, secondMs } from '../time.ts';
import { shortestGapMs } from './poll-schedule.ts';
import {
  afterPoll,
  decidePush,
  isRendering,
  isToldByPushes,
  isWorthAsking,
  type PushDecision,
  planNextPoll,
  type RenderingTask,
  withChainWatched,
} from './polling.ts';
import { afterCopy, type CopyResult, type Finding } from './result-copy.ts';
import { isEnded, type Task } from './task.ts';
import type { TaskStore } from './task-store.ts';
import type { PollMessage, WakeUps } from './wake-ups.ts';

export type PollTaskDependencies = {
  tasks: TaskStore;
  provider: VideoProvider;
  wakeUps: WakeUps;
  /** Absent: a task keeps the provider's own link. */
  copyResult?: CopyResult | undefined;
  /** Told of each task that has ended: its slot at the provider is free. */
  onSlotFreed?: (task: Task) => Promise<void>;
  /** Told only of those whose end says when the render was over: after `lookedAtMs`. */
  onRenderSeen?: (task: Task, lookedAtMs: number) => Promise<void>;
  now: Clock;
  log: Log;
};

/** What a push tells of an end may have reached only a part of the provider yet. */
const lookAgainAfterSeconds = 5;

/** Asks once how a task is doing; settles it or arranges the next look. */
export const createPollTask = (dependencies: PollTaskDependencies) => {
  const { tasks, provider, wakeUps, copyResult, onSlotFreed, onRenderSeen, now, log } = dependencies;
  const secondsUntil = (atMs: number) => (atMs - now()) / secondMs;

  /** The event became due in the write that moved the task; this only wakes its delivery. */
  const announce = async ({ id, workspaceId, delivery }: Task) => {
    if (delivery?.state === 'pending' && delivery.attempts === 0)
      await wakeUps.deliver({ taskId: id, eventId: delivery.eventId }, workspaceId);
  };

  const keep = async (link: string, task: Task): Promise<Finding> => {
    if (copyResult === undefined) return { status: 'succeeded', resultUrl: link };
    const startedAtMs = now();
    const copy = await copyResult(link, task);
    const durationMs = now() - startedAtMs;
    if (copy.status === 'copied') log.info('result copied', { taskId: task.id, durationMs });
    else
      log.warn('result not copied', {
        taskId: task.id,
        durationMs,
        outcome: copy.status,
        detail: copy.detail,
      });
    return afterCopy(link, copy);
  };

  /** `lookedAtMs`: the render was still under way then; absent where that is not known, or says little. */
  const ask = async (
    seen: RenderingTask,
    notFoundBefore: number,
    lookedAtMs: number | undefined,
  ): Promise<{ outcome: Finding; task: Task }> => {
    const answer = await provider.poll(seen.operation);
    log.info('provider asked', { taskId: seen.id, ...outcomeFields(answer) });
    const outcome = answer.status === 'succeeded' ? await keep(answer.resultUrl, seen) : answer;
    const change = await tasks.change(
      seen.id,
      (current) => afterPoll(current, outcome, notFoundBefore, now()),
      seen,
    );
    if (change.changed) await announce(change.task);
    if (change.changed && isEnded(change.task)) {
      await onSlotFreed?.(change.task);
      if (lookedAtMs !== undefined && seen.uncopiedUrl === undefined)
        await onRenderSeen?.(change.task, lookedAtMs);
    }
    return { outcome, task: change.task ?? seen };
  };

  const followChain = async (message: PollMessage, seen: RenderingTask): Promise<void> => {
    if (message.chain !== seen.pollChain) return;
    if (!isWorthAsking(seen, now())) return goOn(seen, seen, { ...message, notFound: 0 });
    const askedAtMs = now();
    // An end whose push was lost is found late, and says little of when it was.
    const lookedAtMs = isToldByPushes(seen) ? undefined : message.lookedAtMs;
    const { outcome, task } = await ask(seen, message.notFound, lookedAtMs);
    if (isEnded(task)) return;
    const isUnderWay = outcome.status === 'running' || outcome.status === 'queued';
    await goOn(seen, task, {
      poll: message.poll + 1,
      notFound: outcome.status === 'not-found' ? message.notFound + 1 : 0,
      lookedAtMs: isUnderWay ? askedAtMs : message.lookedAtMs,
    });
  };

  /** Arranges the next poll of a chain, which is number `poll` or a later one. */
  const goOn = async (
    seen: RenderingTask,
    task: Task,
    { poll, notFound, lookedAtMs }: Pick<PollMessage, 'poll' | 'notFound' | 'lookedAtMs'>,
  ) => {
    // What was just learned may call for another next poll than what was known before.
    const plan = planNextPoll(isRendering(task) ? task : seen, poll, now());
    const watch = await tasks.change(
      task.id,
      (current) => withChainWatched(current, seen.pollChain, plan.atMs),
      task,
    );
    const chain = watch.task?.pollChain;
    // Another message of this chain goes on with it, or the sweep has started a new one.
    if (!watch.changed && chain !== seen.pollChain) return;
    await wakeUps.poll(
      { taskId: task.id, chain, poll: plan.poll, notFound, lookedAtMs },
      secondsUntil(plan.atMs),
    );
  };

  const followPush = async ({ taskId, arrangedForMs, mayTellEnd }: PollMessage): Promise<void> => {
    const decided: { decision: PushDecision } = { decision: { do: 'nothing' } };
    const { task } = await tasks.change(taskId, (seen) => {
      const decision = decidePush(seen, arrangedForMs, now());
      decided.decision = decision;
      return decision.do === 'nothing' || decision.task === seen ? undefined : decision.task;
    });
    const { decision } = decided;
    if (task === undefined || decision.do === 'nothing' || !isRendering(task)) return;
    if (decision.do === 'put-off')
      return wakeUps.poll(
        { taskId, arrangedForMs: decision.untilMs, mayTellEnd },
        secondsUntil(decision.untilMs),
      );
    // A push comes at once.
    const { outcome, task: asked } = await ask(task, 0, now() - shortestGapMs);
    const isToldTooEarly = mayTellEnd && !isEnded(asked) && outcome.status !== 'not-copied';
    if (isToldTooEarly) await wakeUps.poll({ taskId }, lookAgainAfterSeconds);
  };

  return async (message: PollMessage): Promise<void> => {
    if (message.chain === undefined) return followPush(message);
    const task = await tasks.find(message.taskId);
    if (task !== undefined && isRendering(task)) await followChain(message, task);
  };
};

/** Result links are credentials of a kind; a reason is the provider's text about the caller's content. Neither is logged. */
const outcomeFields = (outcome: PollOutcome) => ({
  outcome: outcome.status,
  ...(outcome.status === 'unanswered' && { detail: outcome.detail, code: outcome.code }),
});
