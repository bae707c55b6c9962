import * as z from 'zod/mini';
import { unlessConditionFailed } from '../aws/conditional-write.ts';
import type { ItemKey, Table, UpdateInput } from '../aws/table.ts';

/** Which rounds of a queue its workspaces have taken. */
export type Rounds = {
  /** Takes a workspace's next round, or the earliest there is if that is later. Never the same twice. */
  take(queue: string, workspaceId: string, earliest: number): Promise<number>;
  forget(queue: string): Promise<void>;
};

const maxTries = 8;
const keyOf = (queue: string, workspaceId: string): ItemKey => ({ pk: `ROUNDS#${queue}`, sk: workspaceId });
const storedRound = z.object({ round: z.number() });

export const createRounds = (table: Table, expiresAtSeconds: () => number): Rounds => {
  const update = async (input: UpdateInput): Promise<number | undefined> => {
    const updated = await unlessConditionFailed(table.update({ ...input, ReturnValues: 'UPDATED_NEW' }));
    return updated && storedRound.parse(updated.Attributes).round;
  };
  return {
    async take(queue, workspaceId, earliest) {
      const Key = keyOf(queue, workspaceId);
      for (let attempt = 1; attempt <= maxTries; attempt += 1) {
        const round =
          (await update({
            Key,
            UpdateExpression: 'SET round = round + :one, expiresAtSeconds = :expiry',
            ConditionExpression: 'round >= :earliest',
            ExpressionAttributeValues: { ':one': 1, ':earliest': earliest, ':expiry': expiresAtSeconds() },
          })) ??
          (await update({
            Key,
            UpdateExpression: 'SET round = :earliest, expiresAtSeconds = :expiry',
            ConditionExpression: 'attribute_not_exists(round) OR round < :earliest',
            ExpressionAttributeValues: { ':earliest': earliest, ':expiry': expiresAtSeconds() },
          }));
        if (round !== undefined) return round;
      }
      throw new Error(`no round could be taken in the queue ${queue} in ${maxTries} tries`);
    },
    async forget(queue) {
      const { Items } = await table.query({
        KeyConditionExpression: 'pk = :rounds',
        ExpressionAttributeValues: { ':rounds': keyOf(queue, '').pk },
      });
      await Promise.all(Items.map(({ pk, sk }) => table.delete({ Key: { pk: String(pk), sk: String(sk) } })));
    },
  };
};
