import { sweepBudgetSeconds } from '../lib/limits.ts';
import { createSweep } from '../lib/tasks/sweep.ts';
import { createWorkspaceEventStore } from '../lib/tasks/workspace-event-store.ts';
import { secondMs } from '../lib/time.ts';
import { createBudgetStore } from '../lib/usage/budget-store.ts';
import { createReconcileBudgets } from '../lib/usage/reconcile-budgets.ts';
import { endsNoTask, startWorker } from './bootstrap/task-dependencies.ts';

const { dependencies } = startWorker('sweep', endsNoTask);
const { table, now } = dependencies;
const sweep = createSweep({
  ...dependencies,
  reconcileBudgets: createReconcileBudgets({
    ...dependencies,
    budgets: createBudgetStore(table, now),
    workspaceEvents: createWorkspaceEventStore(table, now),
  }),
  budgetMs: sweepBudgetSeconds * secondMs,
});

export const handler = async (): Promise<void> => sweep();
