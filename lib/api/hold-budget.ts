import type { Cap } from '../cap.ts';
import { ApiError, doNotRetry, invalidRequest } from '../errors.ts';
import type { Workspace } from '../keys/workspace.ts';
import { formatUsd } from '../money.ts';
import { toEpochSeconds } from '../time.ts';
import {
  type Budget,
  isUsedUp,
  remainingMicroUsd,
  type Threshold,
  thresholdsCrossed,
} from '../usage/budget.ts';
import { periodAt } from '../usage/budget-period.ts';
import type { BudgetStore, ReserveOutcome, ReserveRequest } from '../usage/budget-store.ts';
import { totalMicroUsd } from '../usage/cost.ts';
import type { Estimate } from '../usage/estimate.ts';
import { createTellBudget, type TellBudgetDependencies } from '../usage/tell-budget.ts';
import { type HeldBudget, heldBudget } from './held-budget.ts';

export type HoldBudgetDependencies = TellBudgetDependencies & { budgets: BudgetStore };

/** A request, and what it would cost by the prices of now. It counts in the period in which it is accepted, as in the ledger. */
type Expected = { taskId: string; acceptedAtMs: number; estimate: Estimate };

/** The cap that a request of a workspace must keep to. What a test key makes costs nothing. */
export const capOf = ({ livemode, cap }: Workspace): Cap | undefined => (livemode ? cap : undefined);

/**
 * Reserves what a request is expected to cost; `undefined` where the workspace has no cap.
 *
 * @throws ApiError 402 `budget_exceeded` where it does not fit, 400 where nobody can say.
 */
export const createHoldBudget = (dependencies: HoldBudgetDependencies) => {
  const { budgets, log } = dependencies;
  const tell = createTellBudget(dependencies);

  const tellReached = async (request: ReserveRequest, outcome: ReserveOutcome): Promise<void> => {
    const { workspaceId, cap, period } = request;
    const { committedMicroUsd, thresholds } = reachedBy(outcome, cap.microUsd);
    const name = { workspaceId, periodId: period.id };
    const figures = { per: cap.per, resetsAtMs: period.resetsAtMs, capMicroUsd: cap.microUsd };
    for (const threshold of thresholds)
      try {
        await tell({ ...name, ...figures, committedMicroUsd }, threshold);
      } catch (error) {
        // The sweep tells it.
        log.event('budget.not-told', { workspaceId, error });
      }
  };

  return async (
    workspace: Workspace,
    { taskId, acceptedAtMs, estimate }: Expected,
  ): Promise<HeldBudget | undefined> => {
    const cap = capOf(workspace);
    if (cap === undefined) return undefined;
    if ('reason' in estimate) throw withoutPrice(estimate.reason);
    const period = periodAt(cap.per, acceptedAtMs);
    const microUsd = totalMicroUsd(estimate.parts);
    const request = { workspaceId: workspace.id, taskId, cap, period, microUsd };
    const outcome = await budgets.reserve(request);
    await tellReached(request, outcome);
    if (outcome.reserved) return heldBudget(dependencies, request, outcome.reservation);
    throw outcome.because === 'crowded' ? crowded() : budgetExceeded(outcome.budget, request);
  };
};

type Reached = { committedMicroUsd: number; thresholds: readonly Threshold[] };

/** What a reservation, or its refusal, shows to have been reached. */
const reachedBy = (outcome: ReserveOutcome, capMicroUsd: number): Reached => {
  const nothing = { committedMicroUsd: 0, thresholds: [] };
  if (outcome.reserved) {
    const { committedMicroUsd, reservation } = outcome;
    if (committedMicroUsd === undefined) return nothing;
    const step = { committedMicroUsd, microUsd: reservation.microUsd };
    return { committedMicroUsd, thresholds: thresholdsCrossed(step, capMicroUsd) };
  }
  if (outcome.because === 'crowded' || !outcome.budget || !isUsedUp(outcome.budget, capMicroUsd))
    return nothing;
  return { committedMicroUsd: outcome.budget.committedMicroUsd, thresholds: [100] };
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
  { cap, microUsd, period: { resetsAtMs } }: ReserveRequest,
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
