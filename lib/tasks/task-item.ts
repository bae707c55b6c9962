import type { Item } from '../aws/table.ts';
import { nextDue } from './due.ts';
import { eventOrderOf, orderAt } from './event-order.ts';
import { type Task, taskFields } from './task.ts';

export const keyOf = (taskId: string) => ({ pk: `TASK#${taskId}`, sk: 'TASK' });

/** The last two characters of an id are evenly distributed. */
const shardOf = (taskId: string, shards: number): number => {
  const codes = taskId.charCodeAt(taskId.length - 1) + taskId.charCodeAt(taskId.length - 2);
  return codes % shards;
};

/** How a task is stored: itself, and where the indexes have it. */
export const toItem = (task: Task, dueShards: number) => {
  const due = nextDue(task);
  return {
    ...keyOf(task.id),
    ...task,
    createdOrder: orderAt(task.createdAtMs, task.id),
    endedOrder: eventOrderOf(task),
    ...(due !== undefined && {
      dueShard: shardOf(task.id, dueShards),
      nextStep: due.step,
      dueAtMs: due.atMs,
    }),
  };
};

const itemAttributes = new Set([
  ...taskFields,
  ...['pk', 'sk', 'createdOrder', 'endedOrder', 'dueShard', 'nextStep', 'dueAtMs', 'writeId'],
]);
/** What a newer version wrote on the item. This one leaves it as it is, so that an update can be rolled back. */
export const foreignFields = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !itemAttributes.has(name)));

/** Of a task or, in the index of events, of an event. */
export const idOf = (item: Item): string => String(item['pk']).replace(/^[A-Z]+#/, '');
