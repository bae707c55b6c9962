import { invalidRequest, type Problem } from '../../errors.ts';
import { type TaskStatus, taskStatuses } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

const defaultLimit = 20;
const mostLimit = 100;

/** `GET /v1/video/generations`: the workspace's tasks, newest first. */
export const createListVideos =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const workspaceId = c.get('workspace').id;
    const { limit, status, after } = readQuery(c);
    const page = await tasks.list({
      workspaceId,
      limit,
      ...(status !== undefined && { status }),
      ...(after !== undefined && { after: await findOwnTask(tasks, workspaceId, after, 'after') }),
    });
    return c.json({
      object: 'list',
      data: page.tasks.map((task) => ({ id: task.id, ...taskEnvelope(task, now()).data })),
      has_more: page.hasMore,
      last_id: page.lastTaskId ?? null,
    });
  };

type Query = { limit: number; status: TaskStatus | undefined; after: string | undefined };

const isStatus = (text: string): text is TaskStatus => (taskStatuses as readonly string[]).includes(text);

const readQuery = (c: ApiContext): Query => {
  const { limit = String(defaultLimit), status, after } = c.req.query();
  const problems: Problem[] = [];
  const size = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (size < 1 || size > mostLimit)
    problems.push({ param: 'limit', message: `must be a whole number from 1 to ${mostLimit}.` });
  if (status !== undefined && !isStatus(status))
    problems.push({ param: 'status', message: `must be one of ${taskStatuses.join(', ')}.` });
  const [first, ...more] = problems;
  if (first !== undefined) throw invalidRequest([first, ...more]);
  return { limit: size, status: status as TaskStatus | undefined, after };
};
