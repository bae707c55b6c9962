import { invalidRequest } from '../../errors.ts';
import { type TaskStatus, taskStatuses } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { readLimit, readQuery } from '../read-query.ts';
import { taskEnvelope } from '../task-envelope.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `GET /v1/video/generations`: the workspace's videos, newest first. */
export const createListVideos =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const workspaceId = c.get('workspace').id;
    const { limit, status, after } = readPage(c);
    const page = await tasks.list({
      workspaceId,
      kind: 'video',
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

const readPage = (c: ApiContext): Query => {
  const { limit: asked, status, after } = readQuery(c, ['limit', 'after', 'status']);
  const { limit, problems } = readLimit(asked);
  if (status !== undefined && !isStatus(status))
    problems.push({ param: 'status', message: `must be one of ${taskStatuses.join(', ')}.` });
  const [first, ...more] = problems;
  if (first !== undefined) throw invalidRequest([first, ...more]);
  return { limit, status: status as TaskStatus | undefined, after };
};
