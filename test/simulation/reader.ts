import type { Table } from '../../lib/aws/table.ts';
import type { CallbackEvent } from '../../lib/callbacks/event.ts';
import { cursorOf, type FeedPosition, positionAt, positionOf } from '../../lib/callbacks/event-cursor.ts';
import { createReadFeed } from '../../lib/callbacks/event-feed.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { secondMs } from '../../lib/time.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';

/** As far as any worker's clock may be wrong. */
const maxSkewSeconds = 5;
/** So many reads follow each change, within that time. */
const readsAfterChange = 3;
const withinSeconds = 60;
const maxPageSize = 4;

type Options = {
  table: Table;
  workspaceIds: readonly string[];
  time: VirtualTime;
  random: Randomness;
  onRead(event: CallbackEvent): void;
};

/** A client of each workspace that follows the feed from cursor to cursor, by clocks that are wrong. */
export const createReader = ({ table, workspaceIds, time, random, onRead }: Options) => {
  const cursors = new Map<string, string>();
  const counts = new Map<string, number>();

  const readOne = async (workspaceId: string, skewMs: number): Promise<void> => {
    const now = () => time.nowMs() + skewMs;
    const readFeed = createReadFeed({
      tasks: createDynamoTaskStore(table, now),
      workspaceEvents: createWorkspaceEventStore(table, now),
      now,
    });
    for (let hasMore = true; hasMore; ) {
      const cursor = cursors.get(workspaceId);
      const position: FeedPosition =
        (cursor === undefined ? undefined : positionOf(workspaceId, cursor)) ?? positionAt(0);
      const page = await readFeed({ workspaceId, position, limit: random.between(1, maxPageSize) });
      for (const event of page.events) {
        counts.set(event.id, (counts.get(event.id) ?? 0) + 1);
        onRead(event);
      }
      cursors.set(workspaceId, cursorOf(workspaceId, page.position));
      hasMore = page.hasMore;
    }
  };

  const read = async (): Promise<void> => {
    const skewMs = random.between(-maxSkewSeconds, maxSkewSeconds) * secondMs;
    for (const workspaceId of workspaceIds) await readOne(workspaceId, skewMs);
  };

  return {
    /** Something ended: it is looked for now and then. */
    onChange(): void {
      for (let count = 0; count < readsAfterChange; count += 1)
        time.after(random.between(0, withinSeconds * secondMs), () => void read());
    },
    read,
    timesRead: (eventId: string): number => counts.get(eventId) ?? 0,
  };
};
