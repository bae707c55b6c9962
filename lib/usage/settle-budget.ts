import { isEnded, type Task } from '../tasks/task.ts';
import { spentMicroUsdOf } from './budget.ts';
import type { BudgetStore } from './budget-store.ts';

/** Books what a task that has ended cost, once, and gives back the rest of what was reserved for it. */
export type SettleBudget = (task: Task) => Promise<void>;

export const createSettleBudget =
  (budgets: Pick<BudgetStore, 'settle'>): SettleBudget =>
  async (task) => {
    const { id, workspaceId, reservation } = task;
    if (reservation === undefined || !isEnded(task)) return;
    const { periodId, microUsd } = reservation;
    await budgets.settle({ workspaceId, periodId }, id, reservation, spentMicroUsdOf(task, microUsd));
  };
