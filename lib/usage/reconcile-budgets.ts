import type { Log } from '../observability/log.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { Clock } from '../time.ts';
import { type Budget, overdueSettlements } from './budget.ts';
import type { BudgetName, BudgetStore } from './budget-store.ts';

type Dependencies = {
  budgets: BudgetStore;
  tasks: Pick<TaskStore, 'findAll'>;
  now: Clock;
  log: Log;
};

/** As many as one BatchGet takes. */
const lookSize = 100;

/**
 * Settles what was left over by crashes: reservations of tasks that have ended, and of tasks that were never stored. A budget
 * itself lists what it is owed.
 */
export const createReconcileBudgets = ({ budgets, tasks, now, log }: Dependencies) => {
  const findReserved = async ({ reservations }: Budget): Promise<Map<string, Task>> => {
    const ids = [...reservations.keys()];
    const found = new Map<string, Task>();
    for (let first = 0; first < ids.length; first += lookSize)
      for (const task of await tasks.findAll(ids.slice(first, first + lookSize))) found.set(task.id, task);
    return found;
  };

  const reconcile = async (name: BudgetName): Promise<void> => {
    const budget = await budgets.find(name);
    if (budget === undefined) return;
    const overdue = overdueSettlements(budget, await findReserved(budget), now());
    for (const { taskId, reservation, spentMicroUsd } of overdue) {
      await budgets.settle(name, taskId, reservation, spentMicroUsd);
      log.event('budget.settled-late', { taskId, workspaceId: name.workspaceId, spentMicroUsd });
    }
    if (budget.reservations.size === 0) await budgets.close(budget);
  };

  return async (): Promise<void> => {
    for (const name of await budgets.listOpen()) {
      try {
        await reconcile(name);
      } catch (error) {
        log.event('budget.not-reconciled', { workspaceId: name.workspaceId, error });
      }
    }
  };
};
