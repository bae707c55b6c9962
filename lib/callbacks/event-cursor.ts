import { createHash } from 'node:crypto';
import { orderAt } from '../tasks/event-order.ts';
import type { EventEntry } from '../tasks/task-store.ts';
import { minuteMs } from '../time.ts';

/**
 * How late an event may become visible: workers stamp it before they write it, their clocks differ, and the index lags.
 * Longer than a write may be repeated, clocks be apart and an index lag, all at once.
 */
export const overlapMs = 3 * minuteMs;

/** How many events of the overlap a cursor remembers; more wait until they are older than that. */
export const maxRemembered = 300;

/**
 * How far a reader of the feed has come. Everything up to `floor` is done with, including what is not visible yet; of what
 * lies after it, the entries in `seen` are.
 */
export type FeedPosition = { floor: string; seen: readonly string[] };

export const positionAt = (atMs: number): FeedPosition => ({ floor: orderAt(atMs, ''), seen: [] });

const fingerprintBytes = 8;
const fingerprintOf = ({ order }: EventEntry): string =>
  createHash('sha256').update(order).digest().subarray(0, fingerprintBytes).toString('base64url');

/** Up to here nothing becomes visible any more. */
const horizonAt = (nowMs: number): string => orderAt(nowMs - overlapMs, '');

/** The entries that are not done with, as many as the cursor can remember afterwards. */
export const unseenEntries = (
  { seen }: FeedPosition,
  entries: readonly EventEntry[],
  nowMs: number,
): EventEntry[] => {
  const known = new Set(seen);
  const horizon = horizonAt(nowMs);
  let left = maxRemembered - seen.length;
  return entries
    .filter((entry) => !known.has(fingerprintOf(entry)))
    .filter(({ order }) => {
      if (order <= horizon) return true;
      left -= 1;
      return left >= 0;
    });
};

type Read = {
  /** Those after the position, oldest first. */
  entries: readonly EventEntry[];
  /** Whether there are no others. */
  isAll: boolean;
  /** The first of the unseen ones, which are now done with. */
  handled: readonly EventEntry[];
};

/** The position after some entries were handled. */
export const advance = (position: FeedPosition, read: Read, nowMs: number): FeedPosition => {
  const { entries, isAll, handled } = read;
  const known = new Set([...position.seen, ...handled.map(fingerprintOf)]);
  const firstLeft = entries.findIndex((entry) => !known.has(fingerprintOf(entry)));
  const done = firstLeft < 0 ? entries : entries.slice(0, firstLeft);
  const isDoneWithAll = isAll && firstLeft < 0;
  const horizon = horizonAt(nowMs);
  const lastDone = done.at(-1)?.order ?? position.floor;
  const reached = isDoneWithAll || lastDone > horizon ? horizon : lastDone;
  const floor = reached > position.floor ? reached : position.floor;

  const beyond = new Set(entries.filter(({ order }) => order > floor).map(fingerprintOf));
  const shown = new Set(entries.map(fingerprintOf));
  // Of an index that was not read to its end, those not shown may lie further on.
  const seen = [...known].filter((one) => beyond.has(one) || (!isAll && !shown.has(one)));
  return { floor, seen };
};

const version = 1;
const checkBytes = 8;
const prefix = 'cur_';

const checkOf = (workspaceId: string, content: Buffer): Buffer =>
  createHash('sha256')
    .update(`events cursor ${version} ${workspaceId} `)
    .update(content)
    .digest()
    .subarray(0, checkBytes);

/** The position as text that its workspace alone can give back. It holds nothing secret, and no key, so it lasts. */
export const cursorOf = (workspaceId: string, { floor, seen }: FeedPosition): string => {
  const text = Buffer.from(floor);
  const content = Buffer.concat([
    Buffer.from([version, text.length]),
    text,
    ...seen.map((fingerprint) => Buffer.from(fingerprint, 'base64url')),
  ]);
  return `${prefix}${Buffer.concat([checkOf(workspaceId, content), content]).toString('base64url')}`;
};

const floorForm = /^[-\d]\d+#/;

/** The position that a cursor stands for; nothing if it was not made for this workspace, or changed in any way. */
export const positionOf = (workspaceId: string, cursor: string): FeedPosition | undefined => {
  if (!cursor.startsWith(prefix)) return undefined;
  const position = decodePosition(workspaceId, cursor);
  // Several texts decode to the same bytes.
  return position && floorForm.test(position.floor) && cursorOf(workspaceId, position) === cursor
    ? position
    : undefined;
};

const decodePosition = (workspaceId: string, cursor: string): FeedPosition | undefined => {
  const bytes = Buffer.from(cursor.slice(prefix.length), 'base64url');
  const content = bytes.subarray(checkBytes);
  if (content.length < 2 || !checkOf(workspaceId, content).equals(bytes.subarray(0, checkBytes)))
    return undefined;
  const floorEnds = 2 + content.readUInt8(1);
  const seen: string[] = [];
  for (let at = floorEnds; at < content.length; at += fingerprintBytes)
    seen.push(content.subarray(at, at + fingerprintBytes).toString('base64url'));
  return { floor: content.subarray(2, floorEnds).toString(), seen };
};
