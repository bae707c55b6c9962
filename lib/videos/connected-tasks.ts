import type { Table } from '../aws/table.ts';
import type { Log } from '../observability/log.ts';
import { createQueue, type Queue } from '../queue/queue.ts';
import { createAnnounce } from '../tasks/announce.ts';
import { createDynamoTaskStore } from '../tasks/dynamo-task-store.ts';
import { createLogSteps } from '../tasks/log-steps.ts';
import { createObservedTaskStore } from '../tasks/observed-task-store.ts';
import { createSettleAtEnd } from '../tasks/settle-at-end.ts';
import type { Task } from '../tasks/task.ts';
import type { CostBook, TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import type { Clock } from '../time.ts';
import { createFindMember } from './find-member.ts';
import { createFreeSlot } from './free-slot.ts';

type ConnectedTasksOptions = {
  table: Table;
  /** Where the cost of a task is booked before its end is written. */
  book: CostBook;
  /** Puts what a task cost in the place of what was reserved for it. */
  settleBudget(task: Task): Promise<void>;
  wakeUps: Pick<WakeUps, 'sendSubmit' | 'sendDeliver'>;
  now: Clock;
  random: () => number;
  log: Log;
  /** Over how many partitions the due index is spread. */
  dueShards: number;
};

/** The tasks, with all that follows at once from a change of one: its log lines, its event, its slot and its budget. */
export const createConnectedTasks = (options: ConnectedTasksOptions): { tasks: TaskStore; queue: Queue } => {
  const { table, book, settleBudget, wakeUps, now, log, dueShards } = options;
  const stored = createDynamoTaskStore(table, now, { book, dueShards });
  const queue = createQueue({
    ...options,
    wake: (taskId) => wakeUps.sendSubmit(taskId),
    findMember: createFindMember(stored, log),
  });
  const observers = [
    createLogSteps(log, now),
    createAnnounce(wakeUps),
    createFreeSlot(queue),
    createSettleAtEnd(settleBudget),
  ];
  return { tasks: createObservedTaskStore(stored, observers, log), queue };
};
