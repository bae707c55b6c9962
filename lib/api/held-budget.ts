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
  /** Holds it for another while. `false`: it was given back. */
  renew(): Promise<boolean>;
  /** Stores the task with it; gives it back where the task was there already. Rejects if it was given back meanwhile. */
  store(tasks: Pick<TaskStore, 'create'>, task: Task): Promise<CreateOutcome>;
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

  /** A repeat at the same time may have stored the task with the same reservation. */
  const isShared = (existing: Task | 'deleted'): boolean =>
    existing !== 'deleted' && existing.reservation?.id === id;

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
    async store(tasks, task) {
      const isKept = lastsLongEnough() || ((await renew()) && lastsLongEnough());
      if (!isKept) throw givenBack();
      const outcome = await tasks.create({ ...task, reservation });
      if (!outcome.created && !isShared(outcome.existing)) await budgets.settle(name, taskId, reservation, 0);
      return outcome;
    },
    async settle(spentMicroUsd) {
      // Before: a write that settles and is repeated by the SDK looks as if there was nothing to settle.
      const isHeld = lastsLongEnough() || (await renew());
      await budgets.settle(name, taskId, isHeld ? reservation : await reserveAgain(), spentMicroUsd);
    },
  };
};

const givenBack = (): ApiError =>
  new ApiError(
    'The request took so long that what was reserved for it was given back. Try again in 5 s, with the same Idempotency-Key.',
    { status: 503, code: 'service_unavailable', headers: { 'retry-after': '5' } },
  );
