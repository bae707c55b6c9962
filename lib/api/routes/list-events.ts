import { cursorOf, type FeedPosition, positionAt, positionOf } from '../../callbacks/event-cursor.ts';
import {
  createReadFeed,
  type FeedPage,
  type FeedQuery,
  type ReadFeedDependencies,
} from '../../callbacks/event-feed.ts';
import { invalidRequest, type Problem } from '../../errors.ts';
import type { RateLimiter } from '../../keys/rate-limit.ts';
import { type EventType, eventTypes } from '../../tasks/delivery.ts';
import { minuteMs, secondMs } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { maxWaitSeconds, maxWaitsPerMinute, nextPauseMs, retryInsteadOfWaitSeconds } from '../event-wait.ts';
import { readLimit, readQuery } from '../read-query.ts';
import { readTime, timeProblem } from '../read-time.ts';

type Dependencies = ReadFeedDependencies & {
  limiter: RateLimiter;
  pause: (ms: number) => Promise<void>;
};

/** `GET /v1/events`: the workspace's events, oldest first, from a cursor or a time on. */
export const createListEvents = (dependencies: Dependencies) => {
  const { limiter, now, pause } = dependencies;
  const readFeed = createReadFeed(dependencies);

  /** Reads again, less and less often, until there is an event, the time is over, or the caller is gone. */
  const readUntil = async (query: FeedQuery, first: FeedPage, untilMs: number, caller: AbortSignal) => {
    let page = first;
    for (let reads = 1; page.events.length === 0 && !caller.aborted; reads += 1) {
      const pauseMs = page.hasMore ? 0 : nextPauseMs(reads, untilMs - now());
      if (pauseMs === undefined) break;
      await pause(pauseMs);
      page = await readFeed({ ...query, position: page.position });
    }
    return page;
  };

  return async (c: ApiContext): Promise<Response> => {
    const workspaceId = c.get('workspace').id;
    const { waitSeconds, ...asked } = readEventQuery(c, workspaceId, now());
    const query = { workspaceId, ...asked };
    const untilMs = now() + waitSeconds * secondMs;
    const first = await readFeed(query);
    const mustWait = waitSeconds > 0 && first.events.length === 0;
    const mayWait = mustWait && (await limiter.take(workspaceId, 'wait', maxWaitsPerMinute)).allowed;
    const page = mayWait ? await readUntil(query, first, untilMs, c.req.raw.signal) : first;
    c.header('cache-control', 'no-store');
    if (mustWait && !mayWait) c.header('retry-after', String(retryInsteadOfWaitSeconds));
    return c.json({
      object: 'list',
      data: page.events.map(({ body }) => JSON.parse(body.toString())),
      has_more: page.hasMore,
      cursor: cursorOf(workspaceId, page.position),
    });
  };
};

/** For a caller whose clock is ahead. */
const slackMs = 5 * minuteMs;

type EventQuery = Omit<FeedQuery, 'workspaceId'> & { waitSeconds: number };

const readEventQuery = (c: ApiContext, workspaceId: string, nowMs: number): EventQuery => {
  const query = readQuery(c, ['after', 'types', 'limit', 'wait']);
  const { limit, problems: limitProblems } = readLimit(query.limit);
  const after = readAfter(query.after, workspaceId, nowMs);
  const types = readTypes(query.types);
  const wait = readWait(query.wait);
  const problems = [...after.problems, ...types.problems, ...limitProblems, ...wait.problems];
  if (problems.length > 0) throw invalidRequest(problems);
  return {
    position: after.position,
    limit,
    waitSeconds: wait.seconds,
    ...(types.types && { types: types.types }),
  };
};

type After = { position: FeedPosition; problems: Problem[] };

const readAfter = (text: string | undefined, workspaceId: string, nowMs: number): After => {
  const oldest = positionAt(0);
  const wrong = (message: string) => ({ position: oldest, problems: [{ param: 'after', message }] });
  if (text === undefined) return { position: oldest, problems: [] };
  const atMs = readTime(text);
  if (Number.isNaN(atMs)) {
    const position = positionOf(workspaceId, text);
    return position === undefined ? wrong(cursorForm) : { position, problems: [] };
  }
  const problem = timeProblem(atMs, false);
  if (problem !== undefined) return wrong(problem);
  if (atMs > nowMs + slackMs) return wrong('must not lie in the future.');
  return { position: positionAt(atMs), problems: [] };
};

const cursorForm =
  'must be a cursor that this list answered for the same workspace, whole and unchanged, or a time in Unix seconds or as text such as "2026-11-22T09:30:00Z".';

const isEventType = (text: string): text is EventType => (eventTypes as readonly string[]).includes(text);

const readTypes = (text: string | undefined): { types?: Set<EventType>; problems: Problem[] } => {
  if (text === undefined) return { problems: [] };
  const named = text.split(',').map((type) => type.trim());
  const unknown = named.filter((type) => !isEventType(type));
  if (unknown.length === 0) return { types: new Set(named.filter(isEventType)), problems: [] };
  const message = `must be some of ${eventTypes.join(', ')}, separated by commas.`;
  return { problems: [{ param: 'types', message }] };
};

const readWait = (text = '0'): { seconds: number; problems: Problem[] } => {
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= maxWaitSeconds) return { seconds, problems: [] };
  const message = `must be a whole number of seconds from 0 to ${maxWaitSeconds}.`;
  return { seconds, problems: [{ param: 'wait', message }] };
};
