import type { Clock } from '../time.ts';
import { estimatedStartMs, lineOf } from './line.ts';
import type { Task } from './task.ts';
import type { WaitingLine } from './waiting-line.ts';

/** How a task stands that waits in a line: 1 is the next; the start is absent while it is unknown. */
export type QueueStanding = { position: number; startMs?: number };

/** Answers `undefined` for a task that does not wait there, and where the line is too long to count. */
export const createReadStanding =
  (line: Pick<WaitingLine, 'standing'>, now: Clock) =>
  async (task: Task): Promise<QueueStanding | undefined> => {
    const { place } = task.submission;
    if (place === undefined) return undefined;
    const { places, pace, isWhole } = await line.standing(lineOf(task));
    const before = places.filter((other) => other < place).length;
    if (!isWhole && before === places.length) return undefined;
    const startMs = estimatedStartMs(pace, before + 1, now());
    return { position: before + 1, ...(startMs !== undefined && { startMs }) };
  };
