import type { Log } from '../observability/log.ts';
import { workDueAtMs } from '../tasks/due.ts';
import { isEnded, type SubmittingImage, type Task, type UnfinishedImage } from '../tasks/task.ts';
import type { ChangeOutcome, TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import { afterImages, claimImages, type ImagesOutcome } from './image-task.ts';

/**
 * Gets together all that a task's images need, and throws where that fails: then no provider was asked. The answer asks, once,
 * and stores what is made.
 */
export type PrepareImages = (task: UnfinishedImage) => () => Promise<ImagesOutcome>;

type ProcessImageTaskDependencies = {
  tasks: TaskStore;
  prepare: PrepareImages;
  wakeUps: Pick<WakeUps, 'sendMakeImage'>;
  now: Clock;
  random: () => number;
  pause: (ms: number) => Promise<void>;
  log: Log;
};

/** Beside the repeats of the SDK, which take some seconds. */
const pauseMs = 2 * secondMs;

/** Makes one task's images, and pays for them once. May be called any number of times, at any time. */
export const createProcessImageTask = (dependencies: ProcessImageTaskDependencies) => {
  const { tasks, prepare, wakeUps, now, random, pause, log } = dependencies;

  /** What came of an order that is paid for is lost if it cannot be written: that is tried for as long as the task is ours. */
  const settle = async (
    stored: Task,
    claimed: SubmittingImage,
    outcome: ImagesOutcome,
  ): Promise<ChangeOutcome> => {
    const fraction = random();
    for (;;)
      try {
        return await tasks.change(
          claimed.id,
          (task) => afterImages(task, claimed, outcome, now(), fraction),
          stored,
        );
      } catch (error) {
        if (now() + pauseMs >= claimed.leaseUntilMs) throw error;
        log.event('images.not-settled', { taskId: claimed.id, error });
        await pause(pauseMs);
      }
  };

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
    const { changed, task } = await settle(change.task, claimed, outcome);
    if (changed && task.state === 'queued')
      await wakeUps.sendMakeImage(taskId, (workDueAtMs(task) - now()) / secondMs);
  };
};
