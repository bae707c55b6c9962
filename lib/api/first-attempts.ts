import * as z from 'zod/mini';
import { tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, minuteMs, toEpochSeconds } from '../time.ts';

/** OpenAI's SDKs wait ten minutes for each answer, and ask three times. */
const repeatsWithinMs = 25 * minuteMs;

/**
 * Remembers which task was meant by a request that its SDK may repeat without a key of its own. A request is named
 * by the fingerprint of who sent what.
 */
export type FirstAttempts = {
  /** From now on a repeat of the request means this task. To be called before the task is stored. */
  note(request: string, taskId: string): Promise<void>;
  /** The task that a repeat means: that of the newest first attempt, or `ownTaskId` if none arrived. */
  taskOf(request: string, ownTaskId: string): Promise<string>;
};

const storedAttempt = z.object({ taskId: z.string(), repeatsUntilMs: z.number() });

const keyOf = (request: string) => ({ pk: `REPEAT#${request}`, sk: 'REPEAT' });

export const createFirstAttempts = (table: Table, now: Clock): FirstAttempts => {
  const itemFor = (request: string, taskId: string) => {
    const repeatsUntilMs = now() + repeatsWithinMs;
    return {
      ...keyOf(request),
      taskId,
      repeatsUntilMs,
      expiresAtSeconds: toEpochSeconds(repeatsUntilMs) + 1,
    };
  };

  /** Of repeats that arrive together when nothing is noted, one wins, and the others mean its task. */
  const noteUnlessNoted = (request: string, taskId: string): Promise<boolean> =>
    tookEffect(
      table.put({
        Item: itemFor(request, taskId),
        ConditionExpression: 'attribute_not_exists(pk) OR repeatsUntilMs <= :now',
        ExpressionAttributeValues: { ':now': now() },
      }),
    );

  const find = async (request: string): Promise<string | undefined> => {
    const { Item } = await table.get({ Key: keyOf(request), ConsistentRead: true });
    const attempt = Item && storedAttempt.parse(Item);
    return attempt && attempt.repeatsUntilMs > now() ? attempt.taskId : undefined;
  };

  return {
    async note(request, taskId) {
      await table.put({ Item: itemFor(request, taskId) });
    },
    async taskOf(request, ownTaskId) {
      if (await noteUnlessNoted(request, ownTaskId)) return ownTaskId;
      return (await find(request)) ?? ownTaskId;
    },
  };
};
