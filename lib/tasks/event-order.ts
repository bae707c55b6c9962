import type { Task } from './task.ts';
import { feedEventOf } from './task-event.ts';

/** Sorts by time as text. */
export const orderOf = (atMs: number): string => String(Math.floor(atMs)).padStart(15, '0');
/** Within one millisecond sorted by id. */
export const orderAt = (atMs: number, id: string): string => `${orderOf(atMs)}#${id}`;

/** Where the feed shows a task; nothing while it has no event. */
export const eventOrderOf = (task: Task): string | undefined => {
  const event = feedEventOf(task);
  return event && orderAt(event.createdAtMs, task.id);
};
