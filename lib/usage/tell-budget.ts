import { type CapPeriod, capPeriods } from '../cap.ts';
import { formatUsd } from '../money.ts';
import type { Log } from '../observability/log.ts';
import { eventIdFor } from '../tasks/task-id.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { newWorkspaceEvent } from '../tasks/workspace-event.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import { type Clock, dayMs, toEpochSeconds } from '../time.ts';
import { type Budget, remainingMicroUsd, type Threshold } from './budget.ts';
import { periodAt } from './budget-period.ts';
import type { BudgetStore } from './budget-store.ts';

export type TellBudgetDependencies = {
  budgets: Pick<BudgetStore, 'noteTold'>;
  workspaceEvents: Pick<WorkspaceEventStore, 'create'>;
  wakeUps: Pick<WakeUps, 'sendDeliver'>;
  now: Clock;
  log: Log;
};

/** What is told of a budget. */
type BudgetFigures = Omit<Budget, 'reservations' | 'toldPercent'>;

/** As long as tasks by default. */
const keptMs = 30 * dayMs;

const eventTypeOf = { 80: 'budget.warning', 100: 'budget.exhausted' } as const;

/** What a budget event says; `spent_usd` holds what is reserved for tasks under way. */
type BudgetEventData = {
  cap_usd: string;
  spent_usd: string;
  remaining_usd: string;
  period: CapPeriod;
  /** Unix seconds. */
  resets_at: number;
  livemode: true;
};

const dataOf = ({ per, resetsAtMs, ...budget }: BudgetFigures): BudgetEventData => ({
  cap_usd: formatUsd(budget.capMicroUsd),
  spent_usd: formatUsd(budget.committedMicroUsd),
  remaining_usd: formatUsd(remainingMicroUsd(budget, budget.capMicroUsd)),
  period: per,
  resets_at: toEpochSeconds(resetsAtMs),
  livemode: true,
});

const subjectOf = ({ workspaceId, periodId }: Pick<Budget, 'workspaceId' | 'periodId'>): string =>
  `${workspaceId}#${periodId}`;

/** The ids that a workspace's budget events of some time have, as far as there are any. */
export const budgetEventIds = (
  workspaceId: string,
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): string[] => {
  const periodIds = new Set<string>();
  // What happened at the end of a period may be told in the next one.
  for (let atMs = sinceMs - dayMs; atMs < untilMs + dayMs; atMs += dayMs)
    for (const per of capPeriods) periodIds.add(periodAt(per, Math.min(atMs, untilMs)).id);
  return [...periodIds].flatMap((periodId) =>
    Object.values(eventTypeOf).map((type) => eventIdFor(subjectOf({ workspaceId, periodId }), type)),
  );
};

/** Tells a workspace and the operator of a threshold that its budget has reached, once in a period. */
type TellBudget = (budget: BudgetFigures, threshold: Threshold) => Promise<void>;

export const createTellBudget =
  ({ budgets, workspaceEvents, wakeUps, now, log }: TellBudgetDependencies): TellBudget =>
  async (budget, threshold) => {
    const { workspaceId, periodId } = budget;
    const event = newWorkspaceEvent(
      {
        workspaceId,
        type: eventTypeOf[threshold],
        data: dataOf(budget),
        subject: subjectOf(budget),
      },
      { nowMs: now(), expiresAtSeconds: toEpochSeconds(now() + keptMs) },
    );
    // Its id is the same whoever tells it, so it is there once; whoever was first does the rest, or else the sweep.
    if (!(await workspaceEvents.create(event))) return;
    log.event('budget.threshold-reached', { workspaceId, periodId, percent: threshold });
    await budgets.noteTold(budget, threshold);
    await wakeUps.sendDeliver({ taskId: event.id, eventId: event.id }, workspaceId);
  };
