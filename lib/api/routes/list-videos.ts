import { invalidRequest, type Problem } from '../../errors.ts';
import { taskStatuses } from '../../tasks/task-status.ts';
import type { ListQuery, TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnPlace } from '../find-task.ts';
import { readLimit, readQuery } from '../read-query.ts';
import { readTime, timeProblem } from '../read-time.ts';
import { taskEnvelope } from '../task-envelope.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `GET /v1/video/generations`: the workspace's videos, newest first. */
export const createListVideos =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const workspaceId = c.get('workspace').id;
    const { after, ...query } = readPage(c);
    const page = await tasks.list({
      workspaceId,
      kind: 'video',
      ...query,
      ...(after !== undefined && { after: await findOwnPlace(c, tasks, after) }),
    });
    return c.json({
      object: 'list',
      data: page.tasks.map((task) => ({ id: task.id, ...taskEnvelope(task, now()).data })),
      has_more: page.hasMore,
      last_id: page.lastTaskId ?? null,
    });
  };

type Query = Pick<ListQuery, 'limit' | 'status' | 'sinceMs' | 'untilMs'> & { after: string | undefined };

const readPage = (c: ApiContext): Query => {
  const query = readQuery(c, ['limit', 'after', 'status', 'since', 'until']);
  const status = taskStatuses.find((name) => name === query.status);
  const { limit, problems } = readLimit(query.limit);
  const range = readRange(query);
  if (query.status !== undefined && status === undefined)
    problems.push({ param: 'status', message: `must be one of ${taskStatuses.join(', ')}.` });
  problems.push(...range.problems);
  if (problems.length > 0) throw invalidRequest(problems);
  return { limit, after: query.after, ...range.times, ...(status !== undefined && { status }) };
};

type Times = Pick<ListQuery, 'sinceMs' | 'untilMs'>;

/** From `since`, which counts, to `until`, which does not. */
const readRange = ({ since, until }: { since?: string; until?: string }) => {
  const times: Times = {
    ...(since !== undefined && { sinceMs: readTime(since) }),
    ...(until !== undefined && { untilMs: readTime(until) }),
  };
  const problems: Problem[] = Object.entries({ since: times.sinceMs, until: times.untilMs }).flatMap(
    ([param, timeMs]) => {
      const message = timeMs === undefined ? undefined : timeProblem(timeMs, true);
      return message === undefined ? [] : [{ param, message }];
    },
  );
  const isTurned =
    times.sinceMs !== undefined && times.untilMs !== undefined && times.untilMs < times.sinceMs;
  if (isTurned) problems.push({ param: 'until', message: 'must not lie before since.' });
  return { times, problems };
};
