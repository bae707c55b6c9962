import type { Log } from '../observability/log.ts';
import type { ImageWork, SubmittingImage, Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import { afterImages, claimImages, type ImageClaim, type ImagesOutcome } from './image-task.ts';

export type ProcessImageTaskDependencies = {
  tasks: TaskStore;
  /** Asks the provider and stores what it makes. Throws only for faults of our own. */
  generate: (work: ImageWork, task: Task) => Promise<ImagesOutcome>;
  wakeUps: Pick<WakeUps, 'sendMakeImage'>;
  now: Clock;
  random: () => number;
  log: Log;
};

/** Makes one task's images, and pays for them once. May be called any number of times, at any time. */
export const createProcessImageTask = (dependencies: ProcessImageTaskDependencies) => {
  const { tasks, generate, wakeUps, now, random, log } = dependencies;

  const claim = async (taskId: string): Promise<SubmittingImage | undefined> => {
    let claimed: ImageClaim = { outcome: 'leased' };
    const change = await tasks.change(taskId, (task) => {
      claimed = claimImages(task, now());
      return claimed.outcome === 'leased' ? undefined : claimed.task;
    });
    const { task } = change;
    return change.changed && task?.kind === 'image' && task.state === 'submitting' ? task : undefined;
  };

  return async (taskId: string): Promise<void> => {
    const claimed = await claim(taskId);
    if (claimed === undefined) return;
    const outcome = await generate(claimed.work, claimed);
    log.event('images.processed', {
      taskId,
      attempt: claimed.attempts,
      outcome: outcome.status,
    });
    const fraction = random();
    const { changed, task } = await tasks.change(
      taskId,
      (current) => afterImages(current, claimed, outcome, now(), fraction),
      claimed,
    );
    if (changed && task.state === 'queued')
      await wakeUps.sendMakeImage(taskId, (task.notBeforeMs - now()) / secondMs);
  };
};
