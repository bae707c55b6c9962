import type { EventType } from '../tasks/delivery.ts';
import { eventOrderOf } from '../tasks/event-order.ts';
import type { Task } from '../tasks/task.ts';
import { feedEventOf } from '../tasks/task-event.ts';
import type { EventEntry, TaskStore } from '../tasks/task-store.ts';
import { isWorkspaceEventId, type WorkspaceEvent } from '../tasks/workspace-event.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import type { Clock } from '../time.ts';
import { type CallbackEvent, taskEvent, workspaceCallback } from './event.ts';
import { advance, type FeedPosition, unseenEntries } from './event-cursor.ts';

export type FeedQuery = {
  workspaceId: string;
  position: FeedPosition;
  limit: number;
  /** Only events of these types. */
  types?: ReadonlySet<EventType>;
};
export type FeedPage = { events: CallbackEvent[]; position: FeedPosition; hasMore: boolean };

/** As many as one BatchGet takes. A filtered page looks through so many of these and then says that there may be more. */
const lookSize = 100;
const maxLooks = 10;

export type ReadFeedDependencies = {
  tasks: Pick<TaskStore, 'listEvents' | 'findAll'>;
  workspaceEvents: Pick<WorkspaceEventStore, 'findAll'>;
  now: Clock;
};

export const createReadFeed = ({ tasks, workspaceEvents, now }: ReadFeedDependencies) => {
  /** What the entries are about, by their ids. */
  const findAll = async (entries: readonly EventEntry[]) => {
    const ids = [...new Set(entries.map(({ id }) => id))];
    const [foundTasks, foundEvents] = await Promise.all([
      tasks.findAll(ids.filter((id) => !isWorkspaceEventId(id))),
      workspaceEvents.findAll(ids.filter(isWorkspaceEventId)),
    ]);
    return {
      tasks: new Map(foundTasks.map((task) => [task.id, task])),
      events: new Map(foundEvents.map((event) => [event.id, event])),
    };
  };

  const look = async ({ workspaceId, position, limit, types }: FeedQuery): Promise<FeedPage> => {
    const nowMs = now();
    const listed = position.seen.length + lookSize + 1;
    const entries = await tasks.listEvents(workspaceId, position.floor, listed);
    const isAll = entries.length < listed;
    const unseen = unseenEntries(position, entries, nowMs);
    const looked = unseen.slice(0, lookSize);
    const found = await findAll(looked);

    const events: CallbackEvent[] = [];
    const handled: EventEntry[] = [];
    for (const entry of looked) {
      const event = eventAt(entry, found, types);
      if (event !== undefined && events.length === limit) break;
      if (event !== undefined) events.push(event);
      handled.push(entry);
    }
    return {
      events,
      position: advance(position, { entries, isAll, handled }, nowMs),
      hasMore: handled.length < unseen.length || (!isAll && unseen.length > 0),
    };
  };

  return async (query: FeedQuery): Promise<FeedPage> => {
    const events: CallbackEvent[] = [];
    let { position } = query;
    for (let looks = 0; looks < maxLooks; looks += 1) {
      const page = await look({ ...query, position, limit: query.limit - events.length });
      events.push(...page.events);
      position = page.position;
      if (!page.hasMore || events.length === query.limit) return { events, position, hasMore: page.hasMore };
    }
    return { events, position, hasMore: true };
  };
};

const eventAt = (
  { id, order }: EventEntry,
  { tasks, events }: { tasks: Map<string, Task>; events: Map<string, WorkspaceEvent> },
  types: ReadonlySet<EventType> | undefined,
): CallbackEvent | undefined => {
  const isWanted = ({ type }: { type: EventType }) => types === undefined || types.has(type);
  const event = events.get(id);
  if (event !== undefined) return isWanted(event) ? workspaceCallback(event) : undefined;
  const task = tasks.get(id);
  const head = task && feedEventOf(task);
  // A task that has moved on since the index was written, or is gone, has no event there any more.
  if (task === undefined || head === undefined || eventOrderOf(task) !== order) return undefined;
  return isWanted(head) ? taskEvent(task, head) : undefined;
};
