import * as z from 'zod/mini';
import { tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, minuteMs, toEpochSeconds } from '../time.ts';

/** More than SQS takes to bring a page that failed once more. */
const leaseMs = 10 * minuteMs;

const storedRecovery = z.object({
  recoveryId: z.string(),
  sinceMs: z.number(),
  untilMs: z.number(),
  leaseUntilMs: z.number(),
});

export type RecoveryRange = { sinceMs: number; untilMs: number };

/** The one recovery of a workspace that runs, if any. It is under lease, so that one that got lost ends by itself. */
export type RunningRecovery = {
  /**
   * Takes the lease for a new recovery, or answers the one that has it. One of which no page was begun gives way to one of
   * at least its time: whoever started it may have died before its first message was sent.
   */
  begin(workspaceId: string, recoveryId: string, range: RecoveryRange): Promise<RecoveryRange | 'begun'>;
  /** `false`: the lease is another's by now, so this one is over. */
  extend(workspaceId: string, recoveryId: string): Promise<boolean>;
  end(workspaceId: string, recoveryId: string): Promise<void>;
};

const keyOf = (workspaceId: string) => ({ pk: `RECOVERY#${workspaceId}`, sk: 'RECOVERY' });

export const createRunningRecovery = (table: Table, now: Clock): RunningRecovery => {
  const find = async (workspaceId: string) => {
    const { Item } = await table.get({ Key: keyOf(workspaceId), ConsistentRead: true });
    const found = Item && storedRecovery.parse(Item);
    return found && found.leaseUntilMs > now() ? found : undefined;
  };
  const lease = () => {
    const leaseUntilMs = now() + leaseMs;
    return { leaseUntilMs, expiresAtSeconds: toEpochSeconds(leaseUntilMs) + 1 };
  };
  const take = (workspaceId: string, recoveryId: string, range: RecoveryRange): Promise<boolean> =>
    tookEffect(
      table.put({
        Item: { ...keyOf(workspaceId), recoveryId, ...range, ...lease() },
        ConditionExpression:
          'attribute_not_exists(pk) OR leaseUntilMs <= :now OR (attribute_not_exists(hasBegun) AND sinceMs >= :since AND untilMs <= :until)',
        ExpressionAttributeValues: { ':now': now(), ':since': range.sinceMs, ':until': range.untilMs },
      }),
    );

  const begin: RunningRecovery['begin'] = async (workspaceId, recoveryId, range) => {
    if (await take(workspaceId, recoveryId, range)) return 'begun';
    // Where there is none, it ended between the two.
    return (await find(workspaceId)) ?? begin(workspaceId, recoveryId, range);
  };

  return {
    begin,
    extend(workspaceId, recoveryId) {
      const { leaseUntilMs, expiresAtSeconds } = lease();
      return tookEffect(
        table.update({
          Key: keyOf(workspaceId),
          UpdateExpression: 'SET leaseUntilMs = :until, expiresAtSeconds = :expires, hasBegun = :yes',
          ConditionExpression: 'recoveryId = :id',
          ExpressionAttributeValues: {
            ':id': recoveryId,
            ':until': leaseUntilMs,
            ':expires': expiresAtSeconds,
            ':yes': true,
          },
        }),
      );
    },
    async end(workspaceId, recoveryId) {
      await tookEffect(
        table.delete({
          Key: keyOf(workspaceId),
          ConditionExpression: 'recoveryId = :id',
          ExpressionAttributeValues: { ':id': recoveryId },
        }),
      );
    },
  };
};
