import type { Log } from '../log.ts';
import type { PollOutcome, VideoProvider } from '../providers/provider.ts';
import { type Clock, secondMs } from '../time.ts';
import {
  afterPoll,
  decidePush,
  isRendering,
  type PushDecision,
  planNextPoll,
  type RenderingTask,
  withChainWatched,
} from './polling.ts';
import { isEnded, type Task } from './task.ts';
import type { TaskStore } from './task-store.ts';
import type { PollMessage, WakeUps } from './wake-ups.ts';

export type PollTaskDependencies = {
  tasks: TaskStore;
  provider: VideoProvider;
  wakeUps: WakeUps;
  /** Told of each task that a poll has ended. */
  onEnded?: (task: Task) => Promise<void>;
  now: Clock;
  log: Log;
};

/** Asks once how a task is doing; settles it or arranges the next look. */
export const createPollTask = ({ tasks, provider, wakeUps, onEnded, now, log }: PollTaskDependencies) => {
  const secondsUntil = (atMs: number) => (atMs - now()) / secondMs;

  /** The event became due in the write that moved the task; this only wakes its delivery. */
  const announce = async (task: Task) => {
    const { id, workspaceId, delivery } = task;
    if (delivery?.state === 'pending' && delivery.attempts === 0)
      await wakeUps.deliver({ taskId: id, eventId: delivery.eventId }, workspaceId);
    if (isEnded(task)) await onEnded?.(task);
  };

  const ask = async (
    seen: RenderingTask,
    notFoundBefore: number,
  ): Promise<{ outcome: PollOutcome; task: Task }> => {
    const outcome = await provider.poll(seen.operation);
    log.info('provider asked', { taskId: seen.id, ...outcomeFields(outcome) });
    const change = await tasks.change(
      seen.id,
      (current) => afterPoll(current, outcome, notFoundBefore, now()),
      seen,
    );
    if (change.changed) await announce(change.task);
    return { outcome, task: change.task ?? seen };
  };

  const followChain = async (message: PollMessage, seen: RenderingTask): Promise<void> => {
    if (message.chain !== seen.pollChain) return;
    const { outcome, task } = await ask(seen, message.notFound);
    if (isEnded(task)) return;
    const plan = planNextPoll(seen, message.poll + 1, now());
    const watch = await tasks.change(
      task.id,
      (current) => withChainWatched(current, seen.pollChain, plan.atMs),
      task,
    );
    const chain = watch.task?.pollChain;
    // Another message of this chain goes on with it, or the sweep has started a new one.
    if (!watch.changed && chain !== seen.pollChain) return;
    const notFound = outcome.status === 'not-found' ? message.notFound + 1 : 0;
    await wakeUps.poll({ taskId: task.id, chain, poll: plan.poll, notFound }, secondsUntil(plan.atMs));
  };

  const followPush = async ({ taskId, arrangedForMs }: PollMessage): Promise<void> => {
    const decided: { decision: PushDecision } = { decision: { do: 'nothing' } };
    const { task } = await tasks.change(taskId, (seen) => {
      const decision = decidePush(seen, arrangedForMs, now());
      decided.decision = decision;
      return decision.do === 'nothing' || decision.task === seen ? undefined : decision.task;
    });
    const { decision } = decided;
    if (task === undefined || decision.do === 'nothing' || !isRendering(task)) return;
    if (decision.do === 'poll') return void (await ask(task, 0));
    await wakeUps.poll({ taskId, arrangedForMs: decision.untilMs }, secondsUntil(decision.untilMs));
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
