import * as z from 'zod/mini';
import { tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, dayMs, minuteMs, toEpochSeconds } from '../time.ts';
import type { Slot } from './membership.ts';

export type HeldSlot = Slot & { taskId: string };

/** Which tasks of a workspace with a limit are with the provider, or on their way there: an item for each. */
export type Slots = {
  /** Takes the lowest free slot, or the one that the task holds already. */
  take(workspaceId: string, taskId: string, limit: number): Promise<Slot | undefined>;
  /** Gives a slot back. With `takenAtMs`: unless the task has taken it anew since, for another worker to ask with it. */
  giveBack(workspaceId: string, taskId: string, slot: Pick<Slot, 'number'> & Partial<Slot>): Promise<void>;
  list(workspaceId: string): Promise<HeldSlot[]>;
};

/** Longer than any task's deadline; only what workers that died left behind is still there then. */
const keptMs = 3 * dayMs;
const maxTries = 50;
/** Two workers that were woken for one task at once share its slot. One that comes later has taken the task over. */
const sharedForMs = minuteMs / 2;

const keyOf = (workspaceId: string, number: number) => ({
  pk: `SLOTS#${workspaceId}`,
  sk: String(number).padStart(4, '0'),
});
const storedSlot = z.object({ number: z.number(), takenAtMs: z.number(), taskId: z.string() });

export const createSlots = (table: Table, now: Clock): Slots => {
  const list = async (workspaceId: string): Promise<HeldSlot[]> => {
    const { Items } = await table.query({
      KeyConditionExpression: 'pk = :slots',
      ExpressionAttributeValues: { ':slots': keyOf(workspaceId, 0).pk },
      ConsistentRead: true,
    });
    return Items.map((item) => storedSlot.parse(item));
  };

  /** `before`: what must be stored there, or nothing. */
  const put = (workspaceId: string, slot: HeldSlot, before: HeldSlot | undefined): Promise<boolean> =>
    tookEffect(
      table.put({
        Item: {
          ...keyOf(workspaceId, slot.number),
          ...slot,
          expiresAtSeconds: toEpochSeconds(slot.takenAtMs + keptMs),
        },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(taskId)' }
          : {
              ConditionExpression: 'taskId = :taskId AND takenAtMs = :takenAtMs',
              ExpressionAttributeValues: { ':taskId': before.taskId, ':takenAtMs': before.takenAtMs },
            }),
      }),
    );

  return {
    list,
    async take(workspaceId, taskId, limit) {
      for (let attempt = 1; attempt <= maxTries; attempt += 1) {
        const held = await list(workspaceId);
        const own = held.find((slot) => slot.taskId === taskId);
        if (own === undefined && held.length >= limit) return undefined;
        if (own !== undefined && now() - own.takenAtMs < sharedForMs) {
          const { number, takenAtMs } = own;
          return { number, takenAtMs };
        }
        // Whoever takes a slot takes the lowest one free. So no two who both see room for one get one each,
        // not even when the limit was lowered and slots above it are still held.
        const number = own?.number ?? lowestFree(held);
        const slot = { number, takenAtMs: Math.max(now(), (own?.takenAtMs ?? 0) + 1) };
        if (await put(workspaceId, { ...slot, taskId }, own)) return slot;
      }
      return undefined;
    },
    async giveBack(workspaceId, taskId, { number, takenAtMs }) {
      await tookEffect(
        table.delete({
          Key: keyOf(workspaceId, number),
          ConditionExpression: `taskId = :taskId${takenAtMs === undefined ? '' : ' AND takenAtMs = :takenAtMs'}`,
          ExpressionAttributeValues: { ':taskId': taskId, ':takenAtMs': takenAtMs },
        }),
      );
    },
  };
};

const lowestFree = (held: readonly HeldSlot[]): number => {
  const taken = new Set(held.map(({ number }) => number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
};
