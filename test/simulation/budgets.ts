import type { Item } from '../../lib/aws/table.ts';
import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { promise } from './invariants.ts';
import type { SimulatedTable } from './table.ts';

type Reservation = { id: string; microUsd: number };
type Budget = { committedMicroUsd: number; capMicroUsd: number };

const reservationsOf = (item: Item | undefined): Map<string, Reservation> =>
  new Map(
    Object.entries(item ?? {})
      .filter(([name]) => name.startsWith('task_'))
      .map(([taskId, value]) => [taskId, value as Reservation]),
  );
const budgetOf = (item: Item): Budget => item as Budget;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

type Options = {
  table(): Pick<SimulatedTable, 'tasks' | 'find' | 'budgets'>;
  /** A worker may have slept until what it had reserved was given back, and store its task all the same. */
  mayFreeze: boolean;
};

/** Where nobody knows the cost, what was reserved for it stays spent. */
const spentOn = (task: Task): number =>
  isEnded(task) && task.cost !== undefined ? (task.cost.microUsd ?? task.reservation?.microUsd ?? 0) : 0;

/** What must hold of budgets: what is committed is what was spent and what is reserved for tasks under way. */
export const createBudgetCheck = ({ table, mayFreeze }: Options) => {
  const costOf = (taskId: string, reservation: Reservation): number => {
    const task = table().find(taskId);
    if (task?.reservation?.id !== reservation.id) return 0;
    promise(mayFreeze || isEnded(task), `what is reserved stays so while its task is under way; ${taskId}`);
    return spentOn(task);
  };

  /** By how much what is committed may change in one write. */
  const changeOf = (before: Item | undefined, after: Item): number => {
    const [earlier, now] = [reservationsOf(before), reservationsOf(after)];
    const added = [...now].filter(([taskId]) => !earlier.has(taskId));
    const gone = [...earlier].filter(([taskId]) => !now.has(taskId));
    return sum([
      ...added.map(([, { microUsd }]) => microUsd),
      ...gone.map(([taskId, reservation]) => costOf(taskId, reservation) - reservation.microUsd),
    ]);
  };

  return {
    onBudget(before: Item | undefined, after: Item): void {
      const was = before === undefined ? 0 : budgetOf(before).committedMicroUsd;
      const { committedMicroUsd, capMicroUsd } = budgetOf(after);
      const change = changeOf(before, after);
      promise(
        committedMicroUsd - was === change,
        `committed is spent + reserved: it went from ${was} to ${committedMicroUsd}, not by ${change}`,
      );
      const isReservation = reservationsOf(after).size > reservationsOf(before).size;
      promise(!isReservation || committedMicroUsd <= capMicroUsd, 'nothing is reserved above the cap');
    },
    onTask({ id, workspaceId, reservation, ...task }: Task): void {
      if (reservation === undefined || task.state === 'ended') return;
      const item = table()
        .budgets()
        .find(({ pk }) => pk === `BUDGET#${workspaceId}#${reservation.periodId}`);
      const held = reservationsOf(item).get(id);
      promise(
        mayFreeze || held?.id === reservation.id,
        `a task under way has its reservation; ${id}: ${JSON.stringify(held)}`,
      );
    },
    /** When all is over. */
    checkAtEnd(): void {
      for (const item of table().budgets()) {
        promise(reservationsOf(item).size === 0, `nothing stays reserved; ${JSON.stringify(item)}`);
        const spent = table()
          .tasks()
          .filter(({ workspaceId, reservation }) => {
            const isOwn = reservation && item['pk'] === `BUDGET#${workspaceId}#${reservation.periodId}`;
            return isOwn === true;
          })
          .map(spentOn);
        const { committedMicroUsd } = budgetOf(item);
        promise(
          mayFreeze || committedMicroUsd === sum(spent),
          `in the end committed is what was spent: ${committedMicroUsd}, not ${sum(spent)}`,
        );
      }
    },
  };
};
