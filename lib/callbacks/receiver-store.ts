import * as z from 'zod/mini';
import { newWriteId, tookEffect, unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, hourMs, secondMs, toEpochSeconds } from '../time.ts';
import { healthy, type ReceiverHealth, type ReceiverView } from './receiver-health.ts';

/** Longer than an attempt may take. A worker that dies gives its slot back by this. */
const slotLeaseMs = 30 * secondMs;
/** What was seen of a receiver is forgotten so long after its last failure or growth. */
const memoryMs = hourMs;

const healthItem = z.object({
  failures: z._default(z.number(), healthy.failures),
  timesOpened: z._default(z.number(), healthy.timesOpened),
  openUntilMs: z._default(z.number(), healthy.openUntilMs),
  capacity: z._default(z.number(), healthy.capacity),
});
const slotItem = z.object({ slot: z.number(), leaseUntilMs: z.number(), workspaceId: z.string() });

/** One origin as one workspace calls it. */
export type Receiver = { workspaceId: string; origin: string };
export type Slot = Receiver & { slot: number; leaseUntilMs: number };

/**
 * Attempts under way as leased items, and how the receivers do. One query sees all of an origin, so that a healthy
 * delivery costs one read and two small writes, and every function instance knows of a dead receiver at once.
 */
export type ReceiverStore = {
  view(receiver: Receiver): Promise<ReceiverView>;
  /** `undefined`: another attempt has it. */
  takeSlot(receiver: Receiver, slot: number): Promise<Slot | undefined>;
  freeSlot(slot: Slot): Promise<void>;
  countFailure(receiver: Receiver): Promise<ReceiverHealth>;
  /** Has no effect if another worker has opened it. */
  openCircuit(receiver: Receiver, seen: ReceiverHealth, untilMs: number): Promise<void>;
  setCapacity(receiver: Receiver, capacity: number): Promise<void>;
  forget(receiver: Receiver): Promise<void>;
};

const healthKey = ({ workspaceId, origin }: Receiver) => ({
  pk: `ORIGIN#${origin}`,
  sk: `HEALTH#${workspaceId}`,
});
const slotKey = ({ workspaceId, origin }: Receiver, slot: number) => ({
  pk: `ORIGIN#${origin}`,
  sk: `SLOT#${workspaceId}#${slot}`,
});

export const createReceiverStore = (table: Table, now: Clock): ReceiverStore => {
  const expiry = () => toEpochSeconds(now() + memoryMs);

  const view = async (receiver: Receiver): Promise<ReceiverView> => {
    const { Items } = await table.query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `ORIGIN#${receiver.origin}` },
      ConsistentRead: true,
    });
    const alive = Items.filter((item) => Number(item['expiresAtSeconds']) > toEpochSeconds(now()));
    const slots = alive
      .filter((item) => String(item['sk']).startsWith('SLOT#'))
      .map((item) => slotItem.parse(item))
      .filter(({ leaseUntilMs }) => leaseUntilMs > now());
    const own = slots.filter(({ workspaceId }) => workspaceId === receiver.workspaceId);
    const health = alive.find((item) => item['sk'] === healthKey(receiver).sk);
    return {
      health: health ? healthItem.parse(health) : healthy,
      takenSlots: own.map(({ slot }) => slot),
      lastTakenAtMs: Math.max(0, ...own.map(({ leaseUntilMs }) => leaseUntilMs - slotLeaseMs)),
      underWay: slots.length,
    };
  };

  const takeSlot = async (receiver: Receiver, slot: number): Promise<Slot | undefined> => {
    const taken = { ...receiver, slot, leaseUntilMs: now() + slotLeaseMs };
    const writeId = newWriteId();
    const put = table.put({
      Item: {
        ...slotKey(receiver, slot),
        workspaceId: receiver.workspaceId,
        slot,
        leaseUntilMs: taken.leaseUntilMs,
        expiresAtSeconds: expiry(),
        writeId,
      },
      // A write whose answer got lost is repeated by the SDK, and must not fail on its own effect.
      ConditionExpression: 'attribute_not_exists(pk) OR leaseUntilMs <= :now OR writeId = :own',
      ExpressionAttributeValues: { ':now': now(), ':own': writeId },
    });
    return (await tookEffect(put)) ? taken : undefined;
  };

  const freeSlot = async (slot: Slot): Promise<void> => {
    await unlessConditionFailed(
      table.delete({
        Key: slotKey(slot, slot.slot),
        ConditionExpression: 'leaseUntilMs = :mine',
        ExpressionAttributeValues: { ':mine': slot.leaseUntilMs },
      }),
    );
  };

  const countFailure = async (receiver: Receiver): Promise<ReceiverHealth> => {
    const { Attributes } = await table.update({
      Key: healthKey(receiver),
      UpdateExpression: 'ADD failures :one SET expiresAtSeconds = :expiry',
      ExpressionAttributeValues: { ':one': 1, ':expiry': expiry() },
      ReturnValues: 'ALL_NEW',
    });
    return healthItem.parse(Attributes);
  };

  const openCircuit = async (receiver: Receiver, seen: ReceiverHealth, untilMs: number): Promise<void> => {
    await unlessConditionFailed(
      table.update({
        Key: healthKey(receiver),
        UpdateExpression: 'SET timesOpened = :timesOpened, openUntilMs = :until, expiresAtSeconds = :expiry',
        ConditionExpression: 'attribute_not_exists(timesOpened) OR timesOpened = :seen',
        ExpressionAttributeValues: {
          ':seen': seen.timesOpened,
          ':timesOpened': seen.timesOpened + 1,
          ':until': untilMs,
          ':expiry': expiry(),
        },
      }),
    );
  };

  const setCapacity = async (receiver: Receiver, capacity: number): Promise<void> => {
    await table.update({
      Key: healthKey(receiver),
      UpdateExpression: 'SET #capacity = :capacity, expiresAtSeconds = :expiry',
      ExpressionAttributeNames: { '#capacity': 'capacity' },
      ExpressionAttributeValues: { ':capacity': capacity, ':expiry': expiry() },
    });
  };

  const forget = async (receiver: Receiver): Promise<void> => {
    await table.delete({ Key: healthKey(receiver) });
  };

  return { view, takeSlot, freeSlot, countFailure, openCircuit, setCapacity, forget };
};
