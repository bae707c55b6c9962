import { ApiError, doNotRetry } from '../../errors.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import { type CancelDecision, cancel } from '../../videos/cancel.ts';
import { readOptionalFields } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask, taskNotFound } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `POST /v1/video/generations/{task_id}/cancel`: calls a task off that its provider does not have yet. */
export const createCancelVideo =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const found = await findOwnTask(c, tasks);
    await readOptionalFields(c, []);
    let decision: CancelDecision | undefined;
    const { task } = await tasks.change(
      found.id,
      (current) => {
        decision = cancel(current, now());
        return decision.cancelled ? decision.task : undefined;
      },
      found,
    );
    if (task === undefined) throw taskNotFound('task_id');
    if (decision?.cancelled === false) throw notCancellable(decision.reason);
    return c.json(taskEnvelope(task, now()));
  };

const notCancellable = (reason: string): ApiError =>
  new ApiError(reason, {
    status: 409,
    code: 'task_not_cancellable',
    param: 'task_id',
    headers: doNotRetry,
  });
