import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  cursorOf,
  type FeedPosition,
  maxRemembered,
  overlapMs,
  positionAt,
  positionOf,
  unseenEntries,
} from '../../lib/callbacks/event-cursor.ts';
import { orderAt } from '../../lib/tasks/event-order.ts';
import type { EventEntry } from '../../lib/tasks/task-store.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');

/** An event: when it happened, by the clock of its worker, and how much later a reader of the index can see it. */
type Happening = { atMs: number; lateMs: number };

const happening: fc.Arbitrary<Happening> = fc.record({
  atMs: fc.integer({ min: 0, max: 600_000 }).map((ms) => startMs + ms),
  lateMs: fc.oneof(
    fc.integer({ min: -5_000, max: 2_000 }),
    fc.integer({ min: 0, max: overlapMs - 1 }),
    fc.constant(0),
  ),
});

const entryOf = ({ atMs }: Happening, index: number): EventEntry => {
  const id = `task_${index}`;
  return { id, order: orderAt(atMs, id) };
};

/** Reads as the feed does: some entries after the position, of which the first unseen ones are handled. */
const read = (
  position: FeedPosition,
  visible: readonly EventEntry[],
  { limit, nowMs }: { limit: number; nowMs: number },
) => {
  const after = visible.filter(({ order }) => order > position.floor);
  const listed = position.seen.length + limit + 1;
  const entries = after.slice(0, listed);
  const handled = unseenEntries(position, entries, nowMs).slice(0, limit);
  return {
    handled,
    position: advance(position, { entries, isAll: entries.length < listed, handled }, nowMs),
  };
};

const byOrder = (one: EventEntry, other: EventEntry) => (one.order < other.order ? -1 : 1);

/** What a reader has been handed when it reads at these times, each time from the cursor of before. */
const follow = (happenings: readonly Happening[], readsAtMs: readonly number[], limit: number) => {
  const handed: string[] = [];
  let cursor = cursorOf('ws', positionAt(0));
  let longest = 0;
  for (const nowMs of readsAtMs) {
    const visible = happenings
      .map((one, index) => ({ ...one, entry: entryOf(one, index) }))
      .filter(({ atMs, lateMs }) => atMs + lateMs <= nowMs)
      .map(({ entry }) => entry)
      .sort(byOrder);
    const step = read(positionOf('ws', cursor) ?? positionAt(0), visible, { limit, nowMs });
    handed.push(...step.handled.map(({ id }) => id));
    cursor = cursorOf('ws', step.position);
    longest = Math.max(longest, cursor.length);
  }
  return { handed, longest };
};

const readTimes = fc
  .array(fc.integer({ min: 0, max: 900_000 }), { maxLength: 60 })
  .map((offsets) => offsets.sort((one, other) => one - other).map((offset) => startMs + offset));
/** Enough reads for whatever is left. */
const later = (times: readonly number[]) =>
  Array.from({ length: 120 }, (_, index) => Math.max(startMs + 900_000, times.at(-1) ?? 0) + index * 5_000);

describe('a reader that always gives back the cursor of before', () => {
  it('is handed every event exactly once, however late it becomes visible within the overlap', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 80 }),
        readTimes,
        fc.integer({ min: 1, max: 7 }),
        (happenings, times, limit) => {
          const { handed } = follow(happenings, [...times, ...later(times)], limit);
          expect(handed.toSorted()).toEqual(happenings.map((_, index) => `task_${index}`).toSorted());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gets them oldest first where none is late', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), readTimes, (happenings, times) => {
        const punctual = happenings.map(({ atMs }) => ({ atMs, lateMs: 0 }));
        const { handed } = follow(punctual, [...times, ...later(times)], 5);
        const inOrder = punctual.map(entryOf).sort(byOrder);
        expect(handed).toEqual(inOrder.map(({ id }) => id));
      }),
    );
  });

  it('loses none of a flood, and its cursor stays short', () => {
    const flood = Array.from({ length: 1_000 }, (_, index) => ({ atMs: startMs + index * 10, lateMs: 0 }));
    const times = Array.from({ length: 200 }, (_, index) => startMs + index * 2_000);
    const { handed, longest } = follow(flood, times, 100);
    expect(handed).toHaveLength(1_000);
    expect(new Set(handed).size).toBe(1_000);
    expect(longest).toBeLessThan(maxRemembered * 11 + 100);
  });
});

describe('a cursor', () => {
  const position = { floor: orderAt(startMs, 'task_0'), seen: [] };

  it('gives back the position that it was made of', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
        const entries = happenings.map(entryOf).sort(byOrder);
        const reached = advance(positionAt(0), { entries, isAll: true, handled: entries }, startMs + 60_000);
        expect(positionOf('ws', cursorOf('ws', reached))).toEqual(reached);
      }),
    );
  });

  it('is nothing to another workspace', () => {
    expect(positionOf('ws_other', cursorOf('ws', position))).toBeUndefined();
  });

  it('is nothing once it was changed or cut', () => {
    const cursor = cursorOf('ws', position);
    for (const more of ['=', '!', '.', 'A', 'AAAAAAAAAAA'])
      expect(positionOf('ws', cursor + more)).toBeUndefined();
    expect(positionOf('ws', cursorOf('ws', { floor: '', seen: [] }))).toBeUndefined();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: cursor.length - 2 }),
        fc.constantFrom('A', 'z', '-'),
        (at, letter) => {
          fc.pre(cursor[at] !== letter);
          expect(positionOf('ws', `${cursor.slice(0, at)}${letter}${cursor.slice(at + 1)}`)).toBeUndefined();
          expect(positionOf('ws', cursor.slice(0, at))).toBeUndefined();
        },
      ),
    );
  });

  it('is nothing where it is garbage', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(positionOf('ws', text)).toBeUndefined();
        expect(positionOf('ws', `cur_${text}`)).toBeUndefined();
      }),
    );
  });
});
