import type { Log } from '../log.ts';
import { type Clock, minuteMs } from '../time.ts';
import { allDue, type Due } from './due.ts';
import { shortestGapMs } from './poll-schedule.ts';
import { withNewChain } from './polling.ts';
import type { Task } from './task.ts';
import type { TaskStore } from './task-store.ts';
import type { WakeUps } from './wake-ups.ts';

/** A wake-up that was sent may wait its turn in a queue; send another only when it must have been lost. */
const postponeMs = 2 * minuteMs;
const pageSize = 100;
const atOnce = 10;

export type SweepDependencies = {
  tasks: TaskStore;
  wakeUps: WakeUps;
  dueShards: number;
  now: Clock;
  /** The sweep stops taking more when this much time has passed; the next one goes on. */
  budgetMs: number;
  log: Log;
};

/** Wakes everything that is due and that nobody woke: lost messages, crashed workers, waits beyond SQS's 900 s, deadlines. */
export const createSweep = ({ tasks, wakeUps, dueShards, now, budgetMs, log }: SweepDependencies) => {
  const wakePoll = async (task: Task): Promise<void> => {
    const change = await tasks.change(task.id, (current) =>
      current.version === task.version ? withNewChain(current, now()) : undefined,
    );
    if (change.changed) await wakeUps.poll({ taskId: task.id, chain: change.task.pollChain });
  };

  const wakeOne = async (task: Task, { step }: Due): Promise<void> => {
    if (step === 'poll') return wakePoll(task);
    await tasks.postpone(task.id, task.version, now() + postponeMs);
    if (step === 'submit') return wakeUps.submit({ taskId: task.id });
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

  const sweepShard = async (shard: number, untilMs: number): Promise<number> => {
    let woken = 0;
    for (;;) {
      const taskIds = await tasks.listDue(shard, now(), pageSize);
      for (let first = 0; first < taskIds.length; first += atOnce)
        await Promise.all(taskIds.slice(first, first + atOnce).map(wakeTask));
      woken += taskIds.length;
      if (taskIds.length < pageSize || now() >= untilMs - shortestGapMs) return woken;
    }
  };

  return async (): Promise<void> => {
    const untilMs = now() + budgetMs;
    const woken = await Promise.all(
      Array.from({ length: dueShards }, (_, shard) => sweepShard(shard, untilMs)),
    );
    log.info('swept', { woken: woken.reduce((sum, count) => sum + count, 0) });
  };
};
