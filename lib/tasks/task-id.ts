import { createHash } from 'node:crypto';
import { randomBase62, toBase62 } from '../base62.ts';

/** About 190 bits, as good as unguessable and free of collisions. */
const idLength = 32;

const digitsOf = (...parts: string[]): string =>
  toBase62(createHash('sha256').update(JSON.stringify(parts)).digest(), idLength);

export const newTaskId = (): string => `task_${randomBase62(idLength)}`;

/** The same workspace, route and `Idempotency-Key` always mean the same task. */
export const taskIdForKey = (workspaceId: string, route: string, idempotencyKey: string): string =>
  `task_${digitsOf('task', workspaceId, route, idempotencyKey)}`;

/** One id per task and type of event, so that it is the same however often it is made. */
export const eventIdFor = (taskId: string, type: string): string => `evt_${digitsOf('event', taskId, type)}`;
