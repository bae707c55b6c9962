import { maxDueShards } from '../limits.ts';
import type { Log } from '../observability/log.ts';
import { type Clock, hourMs, minuteMs } from '../time.ts';
import { overdue } from './due.ts';
import type { DueCursor, TaskStore } from './task-store.ts';
import { type WakeUps, wakeStep } from './wake-ups.ts';

/** A wake-up may still wait in a queue: another is sent only when the first must be lost. */
const postponeMs = 2 * minuteMs;
const pageSize = 100;
const atOnce = 10;

type SweepDependencies = {
  tasks: TaskStore;
  wakeUps: WakeUps;
  /** Repairs the queues and wakes whoever may go on. */
  queue: { reconcile(): Promise<void> };
  /** Settles what crashes left reserved in budgets, and takes no more up after `untilMs`. */
  reconcileBudgets(untilMs: number): Promise<void>;
  /** Over how many partitions the due index is spread today. */
  dueShards: number;
  now: Clock;
  /** The sweep stops taking more when this much time has passed; the next one goes on. */
  budgetMs: number;
  log: Log;
};

type Swept = { seen: number; failed: number };

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** All that are in use; at the full hour also those in which a deployment that had more of them may have left tasks. */
const shardsAt = (nowMs: number, inUse: number): number[] => {
  const isFullHour = nowMs % hourMs < minuteMs;
  return [...Array(isFullHour ? maxDueShards : inUse).keys()];
};

/** Wakes everything that is due and that nobody woke: lost messages, crashed workers, waits beyond SQS's 900 s. */
export const createSweep = (dependencies: SweepDependencies) => {
  const { tasks, wakeUps, queue, reconcileBudgets, dueShards, now, budgetMs, log } = dependencies;

  const wakeTask = async (taskId: string): Promise<void> => {
    const task = await tasks.find(taskId);
    if (task === undefined) return;
    const due = overdue(task, now());
    if (due.length === 0) return;
    await tasks.postpone(task.id, task.version, now() + postponeMs);
    for (const { step } of due) await wakeStep(wakeUps, task, step);
    log.event('sweep.woke', { taskId, steps: due.map(({ step }) => step) });
  };

  /** One task that cannot be woken must not keep the others waiting. */
  const tryToWake = async (taskId: string): Promise<boolean> => {
    try {
      await wakeTask(taskId);
      return true;
    } catch (error) {
      log.event('sweep.not-woken', { taskId, error });
      return false;
    }
  };

  const sweepShard = async (shard: number, untilMs: number): Promise<Swept> => {
    const swept = { seen: 0, failed: 0 };
    let after: DueCursor | undefined;
    do {
      const { taskIds, next } = await tasks.listDue(shard, now(), pageSize, after);
      for (let first = 0; first < taskIds.length; first += atOnce) {
        const woken = await Promise.all(taskIds.slice(first, first + atOnce).map(tryToWake));
        swept.seen += woken.length;
        swept.failed += woken.filter((done) => !done).length;
      }
      after = next;
    } while (after !== undefined && now() < untilMs);
    return swept;
  };

  /** What cannot be repaired now is left to the next sweep. */
  const tryTo = async (repair: () => Promise<void>, failure: 'queues.unread' | 'budgets.unread') => {
    try {
      await repair();
    } catch (error) {
      log.event(failure, { error });
    }
  };

  return async (): Promise<void> => {
    const startedAtMs = now();
    const untilMs = startedAtMs + budgetMs;
    const sweepShards = () =>
      Promise.allSettled(shardsAt(startedAtMs, dueShards).map((shard) => sweepShard(shard, untilMs)));
    // Side by side, so that none waits while the others have much to do.
    const [shards] = await Promise.all([
      sweepShards(),
      tryTo(queue.reconcile, 'queues.unread'),
      tryTo(() => reconcileBudgets(untilMs), 'budgets.unread'),
    ]);
    const swept = shards.flatMap((shard) => (shard.status === 'fulfilled' ? shard.value : []));
    const failed = sum(swept.map((shard) => shard.failed));
    log.event('sweep.ended', { seen: sum(swept.map(({ seen }) => seen)), failed });
    const unread = shards.find((shard) => shard.status === 'rejected');
    if (unread !== undefined) throw unread.reason;
    if (failed > 0) throw new Error(`${failed} overdue tasks could not be woken; each is named in the log`);
  };
};
