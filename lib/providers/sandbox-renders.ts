import * as z from 'zod/mini';
import { tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, dayMs, toEpochSeconds } from '../time.ts';

const storedRender = z.object({
  createdAtMs: z.number(),
  readyAtMs: z.number(),
  fails: z.boolean(),
  resultUrl: z.string(),
});

/** A video that the sandbox makes, under the id of its task. Without the prompt. */
export type SandboxRender = z.infer<typeof storedRender>;

export type SandboxRenders = {
  /** `false`: there is one of that task already, and it stays as it is. */
  create(taskId: string, render: SandboxRender): Promise<boolean>;
  find(taskId: string): Promise<SandboxRender | undefined>;
  /** How often a create of this task was refused, this time included. */
  countRefusal(taskId: string): Promise<number>;
};

const itemKey = (taskId: string) => ({ pk: `SANDBOX#${taskId}`, sk: 'SANDBOX' });
/** As long as a provider keeps what it made. */
const keptMs = 30 * dayMs;

/** They are kept in the table, so that they are the same in every function and after a restart. */
export const createSandboxRenders = (table: Table, now: Clock): SandboxRenders => {
  const expiresAtSeconds = () => toEpochSeconds(now() + keptMs);
  return {
    create: (taskId, render) =>
      tookEffect(
        table.put({
          Item: { ...itemKey(taskId), ...render, expiresAtSeconds: expiresAtSeconds() },
          ConditionExpression: 'attribute_not_exists(readyAtMs)',
        }),
      ),
    async find(taskId) {
      const { Item } = await table.get({ Key: itemKey(taskId), ConsistentRead: true });
      return Item?.['readyAtMs'] === undefined ? undefined : storedRender.parse(Item);
    },
    async countRefusal(taskId) {
      const { Attributes } = await table.update({
        Key: itemKey(taskId),
        UpdateExpression: 'SET expiresAtSeconds = :expires ADD refusals :one',
        ExpressionAttributeValues: { ':expires': expiresAtSeconds(), ':one': 1 },
        ReturnValues: 'UPDATED_NEW',
      });
      return Number(Attributes?.['refusals']);
    },
  };
};
