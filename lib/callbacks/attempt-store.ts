import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { everyItem } from '../aws/every-item.ts';
import type { ItemKey, Table } from '../aws/table.ts';
import { eventTypes } from '../tasks/delivery.ts';
import { type Clock, dayMs, toEpochSeconds } from '../time.ts';
import type { ErrorClass } from './send-failure.ts';

const retentionMs = 30 * dayMs;

/** One HTTP call of a delivery, as the client may see it: no body, no query string, no resolved address. */
const attempt = z.object({
  id: z.string(),
  taskId: z.string(),
  eventId: z.string(),
  type: z.enum(eventTypes),
  trigger: z.enum(['auto', 'manual']),
  /** Its number in the schedule; a redelivery has none. */
  attempt: z.exactOptional(z.number()),
  origin: z.string(),
  startedAtMs: z.number(),
  durationsMs: z.object({
    dns: z.exactOptional(z.number()),
    connect: z.exactOptional(z.number()),
    tls: z.exactOptional(z.number()),
    firstByte: z.exactOptional(z.number()),
    total: z.number(),
  }),
  delivered: z.boolean(),
  statusCode: z.exactOptional(z.number()),
  errorClass: z.exactOptional(z.custom<ErrorClass>()),
  cause: z.exactOptional(z.string()),
  nextAttemptAtMs: z.exactOptional(z.number()),
});
export type Attempt = z.infer<typeof attempt>;

export type AttemptStore = {
  record(attempt: Omit<Attempt, 'id'>): Promise<void>;
  /** A task's attempts, newest first; `after` is the id of the last one seen. */
  list(
    taskId: string,
    page: { limit: number; after?: string },
  ): Promise<{ attempts: Attempt[]; hasMore: boolean }>;
  deleteAll(taskId: string): Promise<void>;
};

/** Ids sort by time, so that a task's log can be read in pages from its end. */
const attemptId = ({ startedAtMs }: Omit<Attempt, 'id'>): string =>
  `att_${String(startedAtMs).padStart(14, '0')}${randomBytes(4).toString('hex')}`;

const keyOf = (taskId: string, id: string) => ({ pk: `TASK#${taskId}`, sk: `ATTEMPT#${id}` });

export const createAttemptStore = (table: Table, now: Clock): AttemptStore => ({
  async record(made) {
    const id = attemptId(made);
    await table.put({
      Item: {
        ...keyOf(made.taskId, id),
        ...made,
        id,
        expiresAtSeconds: toEpochSeconds(now() + retentionMs),
      },
    });
  },

  async list(taskId, { limit, after }) {
    const { Items } = await table.query({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      FilterExpression: 'expiresAtSeconds > :now',
      ExpressionAttributeValues: {
        ':pk': `TASK#${taskId}`,
        ':first': 'ATTEMPT#',
        ':last': after === undefined ? 'ATTEMPT#~' : keyOf(taskId, after).sk,
        ':now': toEpochSeconds(now()),
      },
      ScanIndexForward: false,
      Limit: limit + (after === undefined ? 1 : 2),
      ConsistentRead: true,
    });
    const attempts = Items.map((item) => attempt.parse(item)).filter(({ id }) => id !== after);
    return { attempts: attempts.slice(0, limit), hasMore: attempts.length > limit };
  },

  async deleteAll(taskId) {
    const items = everyItem(table, {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :attempts)',
      ExpressionAttributeValues: { ':pk': `TASK#${taskId}`, ':attempts': 'ATTEMPT#' },
      ConsistentRead: true,
    });
    const keys: ItemKey[] = [];
    for await (const { pk, sk } of items) keys.push({ pk: String(pk), sk: String(sk) });
    await Promise.all(keys.map((Key) => table.delete({ Key })));
  },
});
