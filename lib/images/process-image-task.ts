import type { Log } from '../observability/log.ts';
import { workDueAtMs } from '../tasks/due.ts';
import { isEnded, type Task, type UnfinishedImage } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import { afterImages, claimImages, type ImagesOutcome } from './image-task.ts';

/**
 * Gets together all that a task's images need, and throws where that fails: then no provider was asked. The answer asks, once,
 * and stores what is made.
 */
export type PrepareImages = (task: UnfinishedImage) => () => Promise<ImagesOutcome>;

export type ProcessImageTaskDependencies = {
  tasks: TaskStore;
  prepare: PrepareImages;
  wakeUps: Pick<WakeUps, 'sendMakeImage'>;
  now: Clock;
  random: () => number;
  log: Log;
};

/** Makes one task's images, and pays for them once. May be called any number of times, at any time. */
export const createProcessImageTask = (dependencies: ProcessImageTaskDependencies) => {
  const { tasks, prepare, wakeUps, now, random, log } = dependencies;

  return async (taskId: string): Promise<void> => {
    const seen = await tasks.find(taskId);
    if (seen?.kind !== 'image' || isEnded(seen)) return;
    const claim = claimImages(seen, now());
    if (claim.outcome === 'leased') return;
    // Before the claim: a fault of ours must not look like a request that was lost.
    const generate = claim.outcome === 'generate' ? prepare(seen) : undefined;
    const isUnchanged = (task: Task) => task.version === seen.version;
    const change = await tasks.change(taskId, (task) => (isUnchanged(task) ? claim.task : undefined), seen);
    if (!change.changed || claim.outcome !== 'generate' || generate === undefined) return;
    const claimed = claim.task;
    const outcome = await generate();
    log.event('images.processed', {
      taskId,
      attempt: claimed.attempts,
      outcome: outcome.status,
    });
    const fraction = random();
    const { changed, task } = await tasks.change(
      taskId,
      (current) => afterImages(current, claimed, outcome, now(), fraction),
      change.task,
    );
    if (changed && task.state === 'queued')
      await wakeUps.sendMakeImage(taskId, (workDueAtMs(task) - now()) / secondMs);
  };
};
