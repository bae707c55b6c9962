import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import { type Budget, overdueSettlements, thresholdsToTell } from './budget.ts';
import type { BudgetName, BudgetStore } from './budget-store.ts';
import { createTellBudget, type TellBudgetDependencies } from './tell-budget.ts';

type Dependencies = TellBudgetDependencies & {
  budgets: BudgetStore;
  tasks: Pick<TaskStore, 'findAll'>;
  workspaceEvents: WorkspaceEventStore;
};

/** As many as one BatchGet takes. */
const lookSize = 100;
const atOnce = 10;

/**
 * Does what was left over by crashes: settles reservations of tasks that have ended, and of tasks that were never stored, tells
 * thresholds, and wakes deliveries of what was told. A budget itself lists what it is owed.
 */
export const createReconcileBudgets = (dependencies: Dependencies) => {
  const { budgets, tasks, workspaceEvents, wakeUps, now, log } = dependencies;
  const tell = createTellBudget(dependencies);

  const findReserved = async ({ reservations }: Budget): Promise<Map<string, Task>> => {
    const ids = [...reservations.keys()];
    const found = new Map<string, Task>();
    for (let first = 0; first < ids.length; first += lookSize)
      for (const task of await tasks.findAll(ids.slice(first, first + lookSize))) found.set(task.id, task);
    return found;
  };

  const tellReached = async (budget: Budget): Promise<void> => {
    for (const threshold of thresholdsToTell(budget)) {
      await tell(budget, threshold);
      await budgets.noteTold(budget, threshold);
    }
  };

  const reconcile = async (name: BudgetName): Promise<void> => {
    const budget = await budgets.find(name);
    if (budget === undefined) return;
    // What is stored from here on has been held on to.
    const nowMs = now();
    const overdue = overdueSettlements(budget, await findReserved(budget), nowMs);
    for (const { taskId, reservation, spentMicroUsd } of overdue) {
      const isSettled = await budgets.settle(name, taskId, reservation, spentMicroUsd);
      if (isSettled)
        log.event('budget.settled-late', { taskId, workspaceId: name.workspaceId, spentMicroUsd });
    }
    const settled = overdue.length > 0 ? await budgets.find(name) : budget;
    if (settled !== undefined) await tellReached(settled);
    if (budget.reservations.size === 0) await budgets.close(budget);
  };

  const tryToReconcile = async (name: BudgetName): Promise<void> => {
    try {
      await reconcile(name);
    } catch (error) {
      log.event('budget.not-reconciled', { workspaceId: name.workspaceId, error });
    }
  };

  const reconcileAll = async (untilMs: number): Promise<void> => {
    const names = await budgets.listOpen();
    for (let first = 0; first < names.length && now() < untilMs; first += atOnce)
      await Promise.all(names.slice(first, first + atOnce).map(tryToReconcile));
  };

  /** One event that cannot be read must not keep the others waiting. */
  const tryToWake = async (id: string): Promise<void> => {
    try {
      const [event] = await workspaceEvents.findAll([id]);
      if (event !== undefined) await wakeUps.sendDeliver({ taskId: id, eventId: id }, event.workspaceId);
    } catch (error) {
      log.event('sweep.not-woken', { taskId: id, error });
    }
  };

  const wakeDeliveries = async (): Promise<void> => {
    await Promise.all((await workspaceEvents.listDue()).map(tryToWake));
  };

  return async (untilMs: number): Promise<void> => {
    const done = await Promise.allSettled([wakeDeliveries(), reconcileAll(untilMs)]);
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  };
};
