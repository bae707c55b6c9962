import { invalidRequest } from '../../errors.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnPlace } from '../find-task.ts';
import { readLimit, readQuery } from '../read-query.ts';
import { videoObject } from './video-object.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `GET /v1/videos`: the workspace's videos, newest first unless `order=asc`. */
export const createListOpenAiVideos =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const workspaceId = c.get('workspace').id;
    const { limit, order, after } = readPage(c);
    const page = await tasks.list({
      workspaceId,
      kind: 'video',
      limit,
      order,
      ...(after !== undefined && { after: await findOwnPlace(c, tasks, after) }),
    });
    const data = page.tasks.flatMap((task) => (task.kind === 'video' ? [videoObject(task, now())] : []));
    return c.json({
      object: 'list',
      data,
      has_more: page.hasMore,
      first_id: data[0]?.id ?? null,
      last_id: page.lastTaskId ?? null,
    });
  };

type Query = { limit: number; order: 'asc' | 'desc'; after: string | undefined };

const readPage = (c: ApiContext): Query => {
  const { limit: asked, order = 'desc', after } = readQuery(c, ['limit', 'after', 'order']);
  const { limit, problems } = readLimit(asked);
  const isOrder = order === 'asc' || order === 'desc';
  if (!isOrder) problems.push({ param: 'order', message: 'must be asc or desc.' });
  if (problems.length > 0) throw invalidRequest(problems);
  return { limit, order: order === 'asc' ? 'asc' : 'desc', after };
};
