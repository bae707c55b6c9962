import { ApiError } from '../errors.ts';
import type { Task, TaskReservation } from '../tasks/task.ts';
import type { CreateOutcome, TaskStore } from '../tasks/task-store.ts';
import type { Clock } from '../time.ts';
import { holdMs, type Reservation, storingMs } from '../usage/budget.ts';
import type { BudgetStore, ReserveRequest } from '../usage/budget-store.ts';

/** What is held for a request until its task is stored, or its images are made. */
export type HeldBudget = {
  taskId: string;
  reservation: TaskReservation;
  /** Sees that it lasts while a task is stored. Rejects if it was given back meanwhile. */
  keep(): Promise<void>;
  /** Holds it for another while. `false`: it was given back. */
  renew(): Promise<boolean>;
  /** Where the task was there already. One that was stored by a repeat at the same time may share the reservation. */
  giveBackUnlessOf(existing: Task | 'deleted'): Promise<void>;
  /** Where no task has it: puts what was spent in its place, also if it was given back meanwhile. */
  settle(spentMicroUsd: number): Promise<void>;
};

type Dependencies = { budgets: BudgetStore; now: Clock };

export const heldBudget = (
  { budgets, now }: Dependencies,
  request: ReserveRequest,
  { id, microUsd, ...first }: Reservation,
): HeldBudget => {
  const { workspaceId, taskId, period } = request;
  const name = { workspaceId, periodId: period.id };
  const reservation = { id, periodId: period.id, microUsd };
  let { heldUntilMs } = first;

  const lastsLongEnough = (): boolean => heldUntilMs - now() >= storingMs;

  const renew = async (): Promise<boolean> => {
    const untilMs = now() + holdMs;
    const isHeld = await budgets.renew(name, taskId, id);
    if (isHeld) heldUntilMs = untilMs;
    return isHeld;
  };

  /** Reserves anew, if only the place for what was spent. */
  const reserveAgain = async (): Promise<Reservation> => {
    const again = await budgets.reserve({ ...request, microUsd: 0 });
    if (!again.reserved) throw new Error(`the budget of ${workspaceId} has no place for what was spent`);
    return again.reservation;
  };

  return {
    taskId,
    reservation,
    renew,
    async keep() {
      if (lastsLongEnough()) return;
      if (!(await renew()) || !lastsLongEnough()) throw givenBack();
    },
    async giveBackUnlessOf(existing) {
      if (existing !== 'deleted' && existing.reservation?.id === id) return;
      await budgets.settle(name, taskId, reservation, 0);
    },
    async settle(spentMicroUsd) {
      // Before: a write that settles and is repeated by the SDK looks as if there was nothing to settle.
      const isHeld = lastsLongEnough() || (await renew());
      await budgets.settle(name, taskId, isHeld ? reservation : await reserveAgain(), spentMicroUsd);
    },
  };
};

/** Stores a task with what is held for it. That is given back where the task was there already. */
export const storeTask = async (
  tasks: Pick<TaskStore, 'create'>,
  task: Task,
  held: HeldBudget | undefined,
): Promise<CreateOutcome> => {
  if (held === undefined) return tasks.create(task);
  await held.keep();
  const outcome = await tasks.create({ ...task, reservation: held.reservation });
  if (!outcome.created) await held.giveBackUnlessOf(outcome.existing);
  return outcome;
};

const givenBack = (): ApiError =>
  new ApiError(
    'The request took so long that what was reserved for it was given back. Try again in 5 s, with the same Idempotency-Key.',
    { status: 503, code: 'service_unavailable', headers: { 'retry-after': '5' } },
  );
