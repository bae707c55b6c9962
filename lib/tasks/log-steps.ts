import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import type { Clock } from '../time.ts';
import type { Observer } from './observed-task-store.ts';
import { submittedAtMs } from './progress.ts';
import { isEnded, type Task } from './task.ts';
import { statusOf } from './task-status.ts';
import { createTellDelivery } from './tell-delivery.ts';

const who = (task: Task) => ({ taskId: task.id, workspaceId: task.workspaceId, ...modeFields(task) });

/** Logs each step of a task's life, whichever function makes it. */
export const createLogSteps = (log: Log, now: Clock): Observer => {
  const tellSubmission = (before: Task, after: Task): boolean => {
    const atMs = submittedAtMs(after);
    if (submittedAtMs(before) !== undefined || atMs === undefined) return false;
    const delayMs = atMs - after.createdAtMs;
    log.event('task.submitted', { ...who(after), model: after.resolvedModel, delayMs });
    return true;
  };

  const tellEnd = (before: Task, after: Task): boolean => {
    if (isEnded(before) || !isEnded(after)) return false;
    const { result } = after;
    log.event('task.ended', {
      ...who(after),
      model: after.resolvedModel,
      status: result.status,
      ...(result.status === 'FAILURE' && { code: result.code }),
      durationMs: after.endedAtMs - after.createdAtMs,
      // Only what a provider renders is polled.
      rendered: after.kind === 'video' && after.render !== undefined,
    });
    return true;
  };

  const tellDelivery = createTellDelivery(log, now);

  /** Only where no other line says it already: logs cost more than the requests they tell of. */
  const tellOtherMove = (before: Task, after: Task): void => {
    const [from, to] = [statusOf(before), statusOf(after)];
    if (from !== to) log.event('task.moved', { ...who(after), from, to });
  };

  return (before, after) => {
    const isSubmission = tellSubmission(before, after);
    const isEnd = tellEnd(before, after);
    if (!isSubmission && !isEnd) tellOtherMove(before, after);
    tellDelivery(who(after), before.delivery, after.delivery);
  };
};
