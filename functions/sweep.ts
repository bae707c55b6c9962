import { accessFromEnvironment } from '../lib/aws/access.ts';
import { loadConfig } from '../lib/config.ts';
import { sweepBudgetSeconds } from '../lib/limits.ts';
import { createSweep } from '../lib/tasks/sweep.ts';
import { createWorkspaceEventStore } from '../lib/tasks/workspace-event-store.ts';
import { secondMs } from '../lib/time.ts';
import { createBudgetStore } from '../lib/usage/budget-store.ts';
import { createReconcileBudgets } from '../lib/usage/reconcile-budgets.ts';
import {
  createFunctionLog,
  createPorts,
  createTaskDependencies,
  endsNoTask,
} from './bootstrap/task-dependencies.ts';

const config = loadConfig();
const log = createFunctionLog(config, 'sweep');
const dependencies = createTaskDependencies(
  config,
  createPorts(config, accessFromEnvironment()),
  log,
  endsNoTask,
);
const sweep = createSweep({
  ...dependencies,
  reconcileBudgets: createReconcileBudgets({
    ...dependencies,
    budgets: createBudgetStore(dependencies.table, dependencies.now),
    workspaceEvents: createWorkspaceEventStore(dependencies.table, dependencies.now),
  }),
  dueShards: config.DUE_SHARDS,
  budgetMs: sweepBudgetSeconds * secondMs,
});

export const handler = async (): Promise<void> => sweep();
