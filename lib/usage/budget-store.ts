import * as z from 'zod/mini';
import { newWriteId, tookEffect, unlessConditionFailed } from '../aws/conditional-write.ts';
import { everyItem } from '../aws/every-item.ts';
import type { Item, Table } from '../aws/table.ts';
import { type Cap, capPeriods } from '../cap.ts';
import { type Clock, dayMs, toEpochSeconds } from '../time.ts';
import { type Budget, holdMs, type Reservation, remainingMicroUsd } from './budget.ts';
import type { BudgetPeriod } from './budget-period.ts';

/** Which budget is meant. */
export type BudgetName = Pick<Budget, 'workspaceId' | 'periodId'>;

/** What to reserve for a task, and where. */
export type ReserveRequest = {
  workspaceId: string;
  taskId: string;
  cap: Cap;
  period: BudgetPeriod;
  microUsd: number;
};

export type ReserveOutcome =
  /** `committedMicroUsd`: what is committed with it; absent where it was reserved before. */
  | { reserved: true; reservation: Reservation; committedMicroUsd?: number }
  | { reserved: false; because: 'over'; budget: Budget | undefined }
  /** As many tasks as one budget can know are under way. */
  | { reserved: false; because: 'crowded' };

/** Each change of a budget is one conditional write of its one item, so that whatever is repeated happens once. */
export type BudgetStore = {
  reserve(request: ReserveRequest): Promise<ReserveOutcome>;
  /** Holds a reservation for another while. `false`: it is gone. */
  renew(budget: BudgetName, taskId: string, reservationId: string): Promise<boolean>;
  /**
   * Puts what was spent in the place of what was reserved. `false`: that was done before. With `heldUntilMs`, also: somebody
   * has renewed it since it was read.
   */
  settle(
    budget: BudgetName,
    taskId: string,
    reservation: Pick<Reservation, 'id' | 'microUsd'> & { heldUntilMs?: number },
    spentMicroUsd: number,
  ): Promise<boolean>;
  find(budget: BudgetName): Promise<Budget | undefined>;
  /** The budgets in which something is reserved or may have to be told. May lag. */
  listOpen(): Promise<BudgetName[]>;
  /** Says that a threshold was told. */
  noteTold(budget: BudgetName, percent: number): Promise<void>;
  /** Takes a budget in which nothing is reserved off the list, unless it was changed since it was read. */
  close(budget: Budget): Promise<void>;
};

/**
 * The item may hold 400 KB; a reservation takes some 110 bytes, and each write costs a unit for each KB of the item.
 */
const maxReservations = 2_000;

/** Where the sweep finds budgets in the due index: in no shard of the tasks. */
const budgetShard = -1;
/** Due for as long as it is there. */
const alwaysDueMs = 0;
const keptAfterPeriodMs = 400 * dayMs;
/** Losing more races in a row than this means that something is wrong, not busy. */
const maxTries = 8;

const keyOf = ({ workspaceId, periodId }: BudgetName) => ({
  pk: `BUDGET#${workspaceId}#${periodId}`,
  sk: 'BUDGET',
});
const nameOf = ({ pk }: Item): BudgetName => {
  const [, workspaceId = '', periodId = ''] = String(pk).split('#');
  return { workspaceId, periodId };
};

const storedBudget = z.object({
  workspaceId: z.string(),
  periodId: z.string(),
  per: z.enum(capPeriods),
  resetsAtMs: z.number(),
  capMicroUsd: z.number(),
  committedMicroUsd: z.number(),
  toldPercent: z._default(z.number(), 0),
});
const storedReservation = z.object({ id: z.string(), microUsd: z.number(), heldUntilMs: z.number() });

/** Reservations are attributes of the item, named by their tasks. */
const isTaskId = (name: string): boolean => name.startsWith('task_');

const fromItem = (item: Item): Budget => ({
  ...storedBudget.parse(item),
  reservations: new Map(
    Object.entries(item)
      .filter(([name]) => isTaskId(name))
      .map(([taskId, value]) => [taskId, storedReservation.parse(value)]),
  ),
});

export const createBudgetStore = (table: Table, now: Clock): BudgetStore => {
  const find: BudgetStore['find'] = async (budget) => {
    const { Item } = await table.get({ Key: keyOf(budget), ConsistentRead: true });
    return Item && fromItem(Item);
  };

  const tryToReserve = ({ workspaceId, taskId, cap, period }: ReserveRequest, reservation: Reservation) =>
    unlessConditionFailed(
      table.update({
        Key: keyOf({ workspaceId, periodId: period.id }),
        UpdateExpression:
          'SET #task = :reservation, workspaceId = :workspace, periodId = :period, per = :per, resetsAtMs = :resets, capMicroUsd = :cap, dueShard = :shard, dueAtMs = :due, expiresAtSeconds = :expires ADD committedMicroUsd :amount, reservationCount :one',
        ConditionExpression:
          'attribute_not_exists(pk) OR attribute_not_exists(#task) AND committedMicroUsd <= :room AND reservationCount < :most',
        ExpressionAttributeNames: { '#task': taskId },
        ExpressionAttributeValues: {
          ':reservation': reservation,
          ':workspace': workspaceId,
          ':period': period.id,
          ':per': cap.per,
          ':resets': period.resetsAtMs,
          ':cap': cap.microUsd,
          ':shard': budgetShard,
          ':due': alwaysDueMs,
          ':expires': toEpochSeconds(period.resetsAtMs + keptAfterPeriodMs),
          ':amount': reservation.microUsd,
          ':one': 1,
          ':room': cap.microUsd - reservation.microUsd,
          ':most': maxReservations,
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    );

  const renew: BudgetStore['renew'] = (budget, taskId, reservationId) =>
    tookEffect(
      table.update({
        Key: keyOf(budget),
        UpdateExpression: 'SET #task.heldUntilMs = :until',
        ConditionExpression: '#task.id = :reservation',
        ExpressionAttributeNames: { '#task': taskId },
        ExpressionAttributeValues: { ':until': now() + holdMs, ':reservation': reservationId },
      }),
    );

  const reserve: BudgetStore['reserve'] = async (request) => {
    const { workspaceId, taskId, cap, period, microUsd } = request;
    const name = { workspaceId, periodId: period.id };
    const id = newWriteId();
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      const reservation = { id, microUsd, heldUntilMs: now() + holdMs };
      const written = microUsd <= cap.microUsd ? await tryToReserve(request, reservation) : undefined;
      if (written !== undefined) {
        const { committedMicroUsd } = z.object({ committedMicroUsd: z.number() }).parse(written.Attributes);
        return { reserved: true, reservation, committedMicroUsd };
      }
      const budget = await find(name);
      const held = budget?.reservations.get(taskId);
      if (budget !== undefined && held !== undefined) {
        // Our own, whose answer got lost, or that of a request of the same name.
        if (held.id === id)
          return { reserved: true, reservation: held, committedMicroUsd: budget.committedMicroUsd };
        if (await renew(name, taskId, held.id)) return { reserved: true, reservation: held };
      } else if (microUsd > remainingMicroUsd(budget, cap.microUsd))
        return { reserved: false, because: 'over', budget };
      else if ((budget?.reservations.size ?? 0) >= maxReservations)
        return { reserved: false, because: 'crowded' };
    }
    throw new Error(`the budget of ${workspaceId} was changed by others ${maxTries} times in a row`);
  };

  return {
    reserve,
    renew,
    find,
    settle: (budget, taskId, { id, microUsd, heldUntilMs }, spentMicroUsd) =>
      tookEffect(
        table.update({
          Key: keyOf(budget),
          UpdateExpression: 'REMOVE #task ADD committedMicroUsd :difference, reservationCount :minusOne',
          ConditionExpression:
            heldUntilMs === undefined
              ? '#task.id = :reservation'
              : '#task.id = :reservation AND #task.heldUntilMs = :held',
          ExpressionAttributeNames: { '#task': taskId },
          ExpressionAttributeValues: {
            ':reservation': id,
            ':held': heldUntilMs,
            ':difference': spentMicroUsd - microUsd,
            ':minusOne': -1,
          },
        }),
      ),
    async listOpen() {
      const items = everyItem(table, {
        IndexName: 'by-due',
        KeyConditionExpression: 'dueShard = :shard AND dueAtMs <= :now',
        ExpressionAttributeValues: { ':shard': budgetShard, ':now': now() },
      });
      const names: BudgetName[] = [];
      for await (const item of items) names.push(nameOf(item));
      return names;
    },
    async noteTold(budget, percent) {
      await unlessConditionFailed(
        table.update({
          Key: keyOf(budget),
          UpdateExpression: 'SET toldPercent = :percent',
          ConditionExpression: 'attribute_not_exists(toldPercent) OR toldPercent < :percent',
          ExpressionAttributeValues: { ':percent': percent },
        }),
      );
    },
    async close(budget) {
      await unlessConditionFailed(
        table.update({
          Key: keyOf(budget),
          UpdateExpression: 'REMOVE dueShard, dueAtMs',
          ConditionExpression: 'reservationCount = :none AND committedMicroUsd = :seen',
          ExpressionAttributeValues: { ':none': 0, ':seen': budget.committedMicroUsd },
        }),
      );
    },
  };
};
