import { createHash, randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 32;

/** 32 base-62 digits of a 256-bit number: about 190 bits, as good as unguessable and free of collisions. */
const toBase62 = (bytes: Buffer): string => {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let digits = '';
  while (digits.length < idLength) {
    digits += alphabet[Number(rest % 62n)];
    rest /= 62n;
  }
  return digits;
};

const hash = (...parts: string[]): Buffer => createHash('sha256').update(JSON.stringify(parts)).digest();

export const newTaskId = (): string => `task_${toBase62(randomBytes(32))}`;

/** The same workspace, route and `Idempotency-Key` always mean the same task. */
export const taskIdForKey = (workspaceId: string, route: string, idempotencyKey: string): string =>
  `task_${toBase62(hash('task', workspaceId, route, idempotencyKey))}`;

/** One id per task and type of event, so that it is the same however often it is made. */
export const eventIdFor = (taskId: string, type: string): string =>
  `evt_${toBase62(hash('event', taskId, type))}`;
