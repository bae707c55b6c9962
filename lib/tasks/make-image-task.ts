import type { Log } from '../log.ts';
import { type Clock, secondMs } from '../time.ts';
import { afterImages, claimImages, type ImageClaim, type ImagesOutcome } from './image-making.ts';
import { type ImageWork, isEnded, type Task } from './task.ts';
import type { TaskStore } from './task-store.ts';
import { submitMessageFor, type WakeUps } from './wake-ups.ts';

export type MakeImageTaskDependencies = {
  tasks: TaskStore;
  /** Asks the provider and stores what it makes. Throws only for faults of our own. */
  make: (work: ImageWork, task: Task) => Promise<ImagesOutcome>;
  wakeUps: WakeUps;
  now: Clock;
  random: () => number;
  log: Log;
};

/** Makes one task's images, and pays for them once. May be called any number of times, at any time. */
export const createMakeImageTask = ({
  tasks,
  make,
  wakeUps,
  now,
  random,
  log,
}: MakeImageTaskDependencies) => {
  const claim = async (taskId: string): Promise<ImageClaim> => {
    const decided: { claim: ImageClaim } = { claim: { do: 'nothing' } };
    const change = await tasks.change(taskId, (task) => {
      decided.claim = claimImages(task, now());
      return decided.claim.do === 'nothing' ? undefined : decided.claim.task;
    });
    if (!change.changed || decided.claim.do === 'nothing') return { do: 'nothing' };
    return { ...decided.claim, task: change.task };
  };

  const carryOut = async (claimed: Exclude<ImageClaim, { do: 'nothing' }>): Promise<Task | undefined> => {
    if (claimed.do === 'settled') return claimed.task;
    const { task, work } = claimed;
    const outcome = await make(work, task);
    log.info('image task worked on', {
      taskId: task.id,
      attempt: task.submission.attempts,
      outcome: outcome.status,
    });
    const luck = random();
    const change = await tasks.change(
      task.id,
      (current) => afterImages(current, task, outcome, now(), luck),
      task,
    );
    return change.changed ? change.task : undefined;
  };

  return async (taskId: string): Promise<void> => {
    const claimed = await claim(taskId);
    if (claimed.do === 'nothing') return;
    const task = await carryOut(claimed);
    if (task === undefined) return;
    if (!isEnded(task)) {
      const delaySeconds = (task.submission.notBeforeMs - now()) / secondMs;
      await wakeUps.submit(submitMessageFor(task), delaySeconds);
    } else if (task.delivery !== undefined)
      await wakeUps.deliver({ taskId: task.id, eventId: task.delivery.eventId }, task.workspaceId);
  };
};
