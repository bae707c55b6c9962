import type { Cap } from '../cap.ts';
import { ApiError, doNotRetry, invalidRequest } from '../errors.ts';
import type { Workspace } from '../keys/workspace.ts';
import { formatUsd } from '../money.ts';
import type { Task, TaskReservation } from '../tasks/task.ts';
import { toEpochSeconds } from '../time.ts';
import {
  type Budget,
  holdMs,
  isUsedUp,
  type Reservation,
  remainingMicroUsd,
  storingMs,
  type Threshold,
  thresholdsCrossed,
} from '../usage/budget.ts';
import { periodAt } from '../usage/budget-period.ts';
import type { BudgetStore, ReserveOutcome } from '../usage/budget-store.ts';
import { totalMicroUsd } from '../usage/cost.ts';
import type { Estimate } from '../usage/estimate.ts';
import { type BudgetFigures, createTellBudget, type TellBudgetDependencies } from '../usage/tell-budget.ts';

export type HoldBudgetDependencies = TellBudgetDependencies & { budgets: BudgetStore };

/** A request, and what it would cost by the prices of now. It counts in the period in which it is accepted, as in the ledger. */
export type Expected = { taskId: string; acceptedAtMs: number; estimate: Estimate };

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

/** The cap that a request of a workspace must keep to. What a test key makes costs nothing. */
export const capOf = ({ livemode, cap }: Workspace): Cap | undefined => (livemode ? cap : undefined);

/**
 * Reserves what a request is expected to cost; `undefined` where the workspace has no cap.
 *
 * @throws ApiError 402 `budget_exceeded` where it does not fit, 400 where nobody can say.
 */
export const createHoldBudget = (dependencies: HoldBudgetDependencies) => {
  const { budgets, now, log } = dependencies;
  const tell = createTellBudget(dependencies);

  /** What cannot be told now is left to the sweep. */
  const tryToTell = async (budget: BudgetFigures, threshold: Threshold): Promise<void> => {
    try {
      await tell(budget, threshold);
    } catch (error) {
      log.event('budget.not-told', { workspaceId: budget.workspaceId, error });
    }
  };

  const tellReached = async (figures: Omit<BudgetFigures, 'committedMicroUsd'>, outcome: ReserveOutcome) => {
    const { capMicroUsd } = figures;
    if (outcome.reserved) {
      const { committedMicroUsd, reservation } = outcome;
      if (committedMicroUsd === undefined) return;
      const step = { committedMicroUsd, microUsd: reservation.microUsd };
      for (const threshold of thresholdsCrossed(step, capMicroUsd))
        await tryToTell({ ...figures, committedMicroUsd }, threshold);
    } else if (outcome.because === 'over' && outcome.budget && isUsedUp(outcome.budget, capMicroUsd))
      await tryToTell({ ...figures, committedMicroUsd: outcome.budget.committedMicroUsd }, 100);
  };

  return async (
    workspace: Workspace,
    { taskId, acceptedAtMs, estimate }: Expected,
  ): Promise<HeldBudget | undefined> => {
    const cap = capOf(workspace);
    if (cap === undefined) return undefined;
    if ('reason' in estimate) throw withoutPrice(estimate.reason);
    const microUsd = totalMicroUsd(estimate.parts);
    const { id: workspaceId } = workspace;
    const period = periodAt(cap.per, acceptedAtMs);
    const name = { workspaceId, periodId: period.id };
    const request = { workspaceId, taskId, cap, period, microUsd };
    const outcome = await budgets.reserve(request);
    const figures = { ...name, per: cap.per, resetsAtMs: period.resetsAtMs, capMicroUsd: cap.microUsd };
    await tellReached(figures, outcome);
    if (!outcome.reserved)
      throw outcome.because === 'crowded'
        ? crowded()
        : budgetExceeded(outcome.budget, { cap, microUsd, resetsAtMs: period.resetsAtMs });
    let { heldUntilMs } = outcome.reservation;
    const lastsLongEnough = (): boolean => heldUntilMs - now() >= storingMs;
    const { id, microUsd: reserved } = outcome.reservation;
    const reservation = { id, periodId: period.id, microUsd: reserved };
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
      keep: async () => {
        if (lastsLongEnough()) return;
        if (!(await renew()) || !lastsLongEnough()) throw givenBack();
      },
      renew,
      giveBackUnlessOf: async (existing) => {
        if (existing !== 'deleted' && existing.reservation?.id === id) return;
        await budgets.settle(name, taskId, reservation, 0);
      },
      settle: async (spentMicroUsd) => {
        // Before: a write that settles and is repeated by the SDK looks as if there was nothing to settle.
        const isHeld = lastsLongEnough() || (await renew());
        await budgets.settle(name, taskId, isHeld ? reservation : await reserveAgain(), spentMicroUsd);
      },
    };
  };
};

const withoutPrice = (reason: string): ApiError =>
  invalidRequest([
    {
      param: 'model',
      message: `must be one whose price is known before, since your workspace has a spending cap. ${reason} Choose another model, or ask the operator of the gateway.`,
    },
  ]);

const budgetExceeded = (
  budget: Budget | undefined,
  { cap, microUsd, resetsAtMs }: { cap: Cap; microUsd: number; resetsAtMs: number },
): ApiError => {
  const remaining = formatUsd(remainingMicroUsd(budget, cap.microUsd));
  const resetsAt = new Date(resetsAtMs).toISOString().replace('.000Z', 'Z');
  return new ApiError(
    `This request is expected to cost $${formatUsd(microUsd)}, and $${remaining} is left of the $${formatUsd(cap.microUsd)} that your workspace may spend in a ${cap.per}. The budget begins anew at ${resetsAt} (UTC); the operator of the gateway can raise the cap.`,
    {
      status: 402,
      code: 'budget_exceeded',
      headers: doNotRetry,
      members: { remaining_usd: remaining, resets_at: toEpochSeconds(resetsAtMs) },
    },
  );
};

const crowded = (): ApiError =>
  new ApiError(
    'Your workspace has a spending cap, and as many tasks under way as a workspace with a cap may have. Try again when some have ended.',
    { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after': '60' } },
  );

const givenBack = (): ApiError =>
  new ApiError(
    'The request took so long that what was reserved for it was given back. Try again in 5 s, with the same Idempotency-Key.',
    { status: 503, code: 'service_unavailable', headers: { 'retry-after': '5' } },
  );
