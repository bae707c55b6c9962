import { newTaskId, taskIdForKey } from '../tasks/task-id.ts';
import { fingerprint } from './canonical-json.ts';
import type { ApiContext } from './context.ts';
import type { FirstAttempts } from './first-attempts.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

/** The id that a request's task gets. Whether it repeats another request is decided by that id alone. */
export type TaskName = {
  taskId: string;
  /** A task of that id may be there already: then the request is a repeat. */
  mayExist: boolean;
  /** A later request may mean this id, so what comes of it is worth keeping. */
  isRepeatable: boolean;
  /** Makes later repeats find this id. To be called before the task is stored. */
  announce(): Promise<void>;
};

type Request = { route: string; requestHash: string };

/**
 * Names the task by the caller's `Idempotency-Key`. OpenAI's SDKs send none, but say how often they have sent the
 * request already: a repeat (count above 0) means the task of the newest first attempt (count 0) of the same key
 * and body, while two first attempts stay two tasks.
 */
export const nameTask = async (
  c: ApiContext,
  { route, requestHash }: Request,
  firstAttempts: FirstAttempts,
): Promise<TaskName> => {
  const idempotencyKey = readIdempotencyKey(c);
  const nothing = async () => {};
  const repeat = { mayExist: true, isRepeatable: true, announce: nothing };
  if (idempotencyKey !== undefined)
    return { ...repeat, taskId: taskIdForKey(c.get('workspace').id, route, idempotencyKey) };
  const taskId = newTaskId();
  const retryCount = c.req.header('x-stainless-retry-count') ?? '';
  if (!/^\d{1,4}$/.test(retryCount))
    return { taskId, mayExist: false, isRepeatable: false, announce: nothing };
  const request = fingerprint([c.get('keyHash'), route, requestHash]);
  if (Number(retryCount) === 0)
    return {
      taskId,
      mayExist: false,
      isRepeatable: true,
      announce: () => firstAttempts.note(request, taskId),
    };
  return { ...repeat, taskId: await firstAttempts.taskOf(request, taskId) };
};
