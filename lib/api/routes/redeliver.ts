import { ApiError, doNotRetry, invalidRequest } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { requestRedelivery } from '../../tasks/redelivery.ts';
import { isEnded, type Task } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import type { Clock } from '../../time.ts';
import { readOptionalFields } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask, taskNotFound } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

type Dependencies = { tasks: TaskStore; wakeUps: Pick<WakeUps, 'sendDeliver'>; now: Clock };

/** `POST /v1/video/generations/{task_id}/deliveries`: sends a task's event once more, now, under the same id. */
export const createRedeliver =
  ({ tasks, wakeUps, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const found = await findOwnTask(c, tasks);
    const { event_id } = await readOptionalFields(c, ['event_id']);
    const eventId = readEventId(event_id);
    const { task } = await tasks.change(
      found.id,
      (current) => {
        requireEvent(current, eventId);
        return requestRedelivery(current, eventId, now());
      },
      found,
    );
    if (task === undefined) throw taskNotFound('task_id');
    const { callback } = taskEnvelope(task, now()).data;
    if (callback.event_id === null) throw nothingToRedeliver(found);
    const message = { taskId: found.id, eventId: callback.event_id };
    await wakeOrLeaveToSweep(c, () => wakeUps.sendDeliver(message, found.workspaceId));
    return c.json({ event_id: callback.event_id, state: callback.state }, 202);
  };

const readEventId = (value: Json | undefined): string | undefined => {
  if (value === undefined || typeof value === 'string') return value;
  throw invalidRequest([{ param: 'event_id', message: 'must be a string such as "evt_…".' }]);
};

const requireEvent = (task: Task, eventId: string | undefined): void => {
  const { delivery } = task;
  if (delivery === undefined) throw nothingToRedeliver(task);
  if (eventId !== undefined && eventId !== delivery.eventId)
    throw new ApiError(
      'This task has no such event to send. Leave event_id out to send the event of its end, or take the id from data.callback.',
      { status: 404, code: 'not_found', param: 'event_id' },
    );
  if (eventId === undefined && delivery.type === 'video.in_progress')
    throw notRedeliverable(
      'The task has not ended. Name its progress event in event_id to send that one again.',
    );
};

const nothingToRedeliver = (task: Task): ApiError =>
  notRedeliverable(
    isEnded(task)
      ? 'The task has no event: it had no callback_url, or its end was not among its callback_events.'
      : 'The task has not ended, so there is no event to send again yet.',
  );

const notRedeliverable = (message: string): ApiError =>
  new ApiError(message, {
    status: 409,
    code: 'event_not_available',
    param: 'task_id',
    headers: doNotRetry,
  });
