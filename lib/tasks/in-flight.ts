import * as z from 'zod/mini';
import { unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';

/**
 * Which tasks of a workspace with a limit are with the provider, or on their way there. Whoever is counted stays so
 * until somebody has seen that it has ended: there is no lease that could run out too early.
 */
export type InFlight = {
  /** Counts a task, unless that makes more than `most`. `true`: it counts, be it since now or before. */
  add(workspaceId: string, taskId: string, most: number): Promise<boolean>;
  remove(workspaceId: string, taskId: string): Promise<void>;
  list(workspaceId: string): Promise<string[]>;
};

const keyOf = (workspaceId: string) => ({ pk: `INFLIGHT#${workspaceId}`, sk: 'INFLIGHT' });
/** DynamoDB has no empty sets: the last one to leave takes the attribute along. */
const storedItem = z.object({ taskIds: z.optional(z.set(z.string())) });

export const createInFlight = (table: Table): InFlight => ({
  async add(workspaceId, taskId, most) {
    const added = await unlessConditionFailed(
      table.update({
        Key: keyOf(workspaceId),
        UpdateExpression: 'ADD taskIds :self',
        ConditionExpression:
          'attribute_not_exists(taskIds) OR contains(taskIds, :taskId) OR size(taskIds) < :most',
        ExpressionAttributeValues: { ':self': new Set([taskId]), ':taskId': taskId, ':most': most },
      }),
    );
    return added !== undefined;
  },
  async remove(workspaceId, taskId) {
    await table.update({
      Key: keyOf(workspaceId),
      UpdateExpression: 'DELETE taskIds :self',
      ExpressionAttributeValues: { ':self': new Set([taskId]) },
    });
  },
  async list(workspaceId) {
    const { Item = {} } = await table.get({ Key: keyOf(workspaceId), ConsistentRead: true });
    return [...(storedItem.parse(Item).taskIds ?? [])];
  },
});
