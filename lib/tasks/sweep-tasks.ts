import type { Log } from '../log.ts';
import { type Clock, minuteMs } from '../time.ts';
import { allDue, type Due } from './due.ts';
import type { InFlight } from './in-flight.ts';
import { createLookAfterLines } from './look-after-lines.ts';
import { withNewChain } from './polling.ts';
import type { Task } from './task.ts';
import type { DueCursor, TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import { submitMessageFor, type WakeUps } from './wake-ups.ts';

/** A wake-up that was sent may wait its turn in a queue; send another only when it must have been lost. */
const postponeMs = 2 * minuteMs;
const pageSize = 100;
const atOnce = 10;

export type SweepDependencies = {
  tasks: TaskStore;
  wakeUps: WakeUps;
  line: Pick<WaitingLine, 'lines' | 'first' | 'leave'>;
  inFlight: Pick<InFlight, 'list' | 'remove'>;
  dueShards: number;
  now: Clock;
  /** The sweep stops taking more when this much time has passed; the next one goes on. */
  budgetMs: number;
  log: Log;
};

type Swept = { seen: number; failed: number };

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Wakes everything that is due and that nobody woke: lost messages, crashed workers, waits beyond SQS's 900 s, deadlines. */
export const createSweep = (dependencies: SweepDependencies) => {
  const { tasks, wakeUps, dueShards, now, budgetMs, log } = dependencies;

  const wakePoll = async (task: Task): Promise<void> => {
    // Whatever is answered past the deadline ends the task: no need of a chain, which each sweep would cut off again.
    if (now() >= task.deadlineAtMs) {
      await tasks.postpone(task.id, task.version, now() + postponeMs);
      return wakeUps.poll({ taskId: task.id, chain: task.pollChain });
    }
    const change = await tasks.change(task.id, (current) =>
      current.version === task.version ? withNewChain(current, now()) : undefined,
    );
    if (change.changed) await wakeUps.poll({ taskId: task.id, chain: change.task.pollChain });
  };

  const wakeOne = async (task: Task, { step }: Due): Promise<void> => {
    if (step === 'poll') return wakePoll(task);
    await tasks.postpone(task.id, task.version, now() + postponeMs);
    if (step === 'submit') return wakeUps.submit(submitMessageFor(task));
    if (task.delivery !== undefined)
      await wakeUps.deliver({ taskId: task.id, eventId: task.delivery.eventId }, task.workspaceId);
  };

  const wakeTask = async (taskId: string): Promise<void> => {
    const task = await tasks.find(taskId);
    if (task === undefined) return;
    const due = allDue(task).filter(({ atMs }) => atMs <= now());
    for (const one of due) await wakeOne(task, one);
    if (due.length > 0) log.info('woke what was overdue', { taskId, steps: due.map(({ step }) => step) });
  };

  /** One task that cannot be woken must not keep the others waiting. */
  const tryToWake = async (taskId: string): Promise<boolean> => {
    try {
      await wakeTask(taskId);
      return true;
    } catch (error) {
      log.error('an overdue task could not be woken', { taskId, error });
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

  const lookAfterLines = createLookAfterLines(dependencies);

  return async (): Promise<void> => {
    const untilMs = now() + budgetMs;
    await lookAfterLines();
    const shards = await Promise.allSettled(
      Array.from({ length: dueShards }, (_, shard) => sweepShard(shard, untilMs)),
    );
    const swept = shards.flatMap((shard) => (shard.status === 'fulfilled' ? shard.value : []));
    const failed = sum(swept.map((shard) => shard.failed));
    log.info('swept', { seen: sum(swept.map(({ seen }) => seen)), failed });
    const unread = shards.find((shard) => shard.status === 'rejected');
    if (unread !== undefined) throw unread.reason;
    if (failed > 0) throw new Error(`${failed} overdue tasks could not be woken; each is named in the log`);
  };
};
