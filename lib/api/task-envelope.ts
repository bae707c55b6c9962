import type { QueuePosition } from '../queue/queue.ts';
import type { Delivery } from '../tasks/delivery.ts';
import { attemptDueAtMs } from '../tasks/due.ts';
import { isEnded, type Task } from '../tasks/task.ts';
import { type TaskData, taskData } from '../tasks/task-data.ts';
import { toEpochSeconds } from '../time.ts';

/** How the client's callback fares, beside the task's own data in a poll answer. */
type CallbackData = {
  state: 'none' | 'pending' | 'retrying' | 'delivered' | 'failed';
  event_id: string | null;
  attempts: number;
  last_cause: string | null;
  /** Unix seconds; of an attempt by the schedule or one that the client asked for. */
  next_attempt_at: number | null;
};

/** Where a task stands in a queue, while it waits there and as far as that is known. */
type QueueData = {
  /** 1 is the next. */
  queue_position?: number;
  /** Unix seconds; an estimate. */
  estimated_start?: number;
};

/** ClearMaas's wrapped answer to a poll. */
type TaskEnvelope = {
  code: 'success';
  message: '';
  data: TaskData & QueueData & { callback: CallbackData };
};

const stateOf = ({ state, attempts }: Delivery): CallbackData['state'] =>
  state === 'pending' && attempts > 0 ? 'retrying' : state;

/** Before anything is due, a callback is pending; a task that ended without an event for the client has none. */
const callbackState = (task: Task): CallbackData['state'] => {
  if (task.delivery !== undefined) return stateOf(task.delivery);
  return task.callback !== undefined && !isEnded(task) ? 'pending' : 'none';
};

const callbackData = (task: Task): CallbackData => {
  const { delivery } = task;
  const nextAtMs = delivery && attemptDueAtMs(delivery);
  return {
    state: callbackState(task),
    event_id: delivery?.eventId ?? null,
    attempts: delivery?.attempts ?? 0,
    last_cause: delivery?.lastCause ?? null,
    next_attempt_at: nextAtMs === undefined ? null : toEpochSeconds(nextAtMs),
  };
};

const queueData = (queued: QueuePosition | undefined): QueueData => ({
  ...(queued !== undefined && { queue_position: queued.position }),
  ...(queued?.startMs !== undefined && { estimated_start: toEpochSeconds(queued.startMs) }),
});

export const taskEnvelope = (task: Task, nowMs: number, queued?: QueuePosition): TaskEnvelope => ({
  code: 'success',
  message: '',
  data: { ...taskData(task, nowMs), ...queueData(queued), callback: callbackData(task) },
});

/** ClearMaas's answer to a request that has become a task. */
export const submitAnswer = (
  task: Pick<Task, 'id' | 'kind' | 'model' | 'createdAtMs' | 'livemode'>,
  warnings: readonly string[],
) => ({
  id: task.id,
  task_id: task.id,
  object: task.kind,
  model: task.model,
  status: 'queued',
  progress: 0,
  created_at: toEpochSeconds(task.createdAtMs),
  livemode: task.livemode,
  warnings,
});
