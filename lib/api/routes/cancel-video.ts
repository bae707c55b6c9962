import { ApiError } from '../../errors.ts';
import { type CancelDecision, cancel } from '../../tasks/cancel.ts';
import { createLetNextIn, type LetNextInDependencies } from '../../tasks/let-next-in.ts';
import { lineOf } from '../../tasks/line.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WaitingLine } from '../../tasks/waiting-line.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

export type CancelVideoDependencies = {
  tasks: TaskStore;
  wakeUps: Pick<WakeUps, 'deliver'>;
  line: Pick<WaitingLine, 'leave'>;
  now: Clock;
} & LetNextInDependencies;

/** `POST /v1/video/generations/{task_id}/cancel`: calls a task off that its provider does not have yet. */
export const createCancelVideo = (dependencies: CancelVideoDependencies) => {
  const { tasks, wakeUps, line, now } = dependencies;
  const letNextIn = createLetNextIn(dependencies);
  return async (c: ApiContext): Promise<Response> => {
    const found = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    let waiting = found;
    const decided: { decision: CancelDecision } = { decision: { cancelled: false, reason: '' } };
    const change = await tasks.change(
      found.id,
      (task) => {
        decided.decision = cancel(task, now());
        waiting = task;
        return decided.decision.cancelled ? decided.decision.task : undefined;
      },
      found,
    );
    if (!decided.decision.cancelled) throw notCancellable(decided.decision.reason);
    const task = change.task ?? found;
    const { delivery } = task;
    const { place } = waiting.submission;
    // Whoever has the turn finds out when it is woken, too; this only spares the others the time.
    if (place !== undefined) await wakeOrLeaveToSweep(c, () => line.leave(lineOf(waiting), place));
    await wakeOrLeaveToSweep(c, () => letNextIn(task));
    if (delivery !== undefined)
      await wakeOrLeaveToSweep(c, () =>
        wakeUps.deliver({ taskId: task.id, eventId: delivery.eventId }, task.workspaceId),
      );
    return c.json(taskEnvelope(task, now()));
  };
};

const notCancellable = (reason: string): ApiError =>
  new ApiError(reason, {
    status: 409,
    code: 'task_not_cancellable',
    param: 'task_id',
    headers: { 'x-should-retry': 'false' },
  });
