import { ConditionFailedError, type Item, type QueryInput, type Table } from '../../lib/aws/table.ts';
import { type Task, taskSchema } from '../../lib/tasks/task.ts';
import { meets, updated } from './expressions.ts';
import { createLineItems, type ItemsInMemory } from './line-items.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

type DueEntry = { dueShard: number; dueAtMs: number };

export type TableOptions = {
  time: VirtualTime;
  indexLagMs(): number;
  /** How many items nobody can read; each shard of the index has one, always due. */
  unreadableItems: number;
  /** Whether a write that took effect is answered as one whose condition was lost, as after a repeat by the SDK. */
  isAnsweredAsLost(): boolean;
  /** Told when anybody takes a place in a line. */
  onLineWrite(): void;
  /** Told of every write of a task. */
  onWrite(before: Task | undefined, after: Task, write: { isDue: boolean; by: Worker }): void;
};

/** DynamoDB with the one table, as far as the task store asks of it. Its index of what is due lags. */
export const createTable = (options: TableOptions) => {
  const { time, indexLagMs, unreadableItems, isAnsweredAsLost, onWrite, onLineWrite } = options;
  const items = new Map<string, Item>();
  const index = new Map<string, DueEntry>();
  const indexedAtMs = new Map<string, number>();
  const lineItems = createLineItems(() => lost(), isAnsweredAsLost, onLineWrite);

  /** The items as the store would read them. */
  const tasks = new Map<string, Task>();

  for (let dueShard = 0; dueShard < unreadableItems; dueShard += 1) {
    const pk = `TASK#unreadable-${dueShard}`;
    items.set(pk, { pk, written: 'by a version of long ago' });
    index.set(pk, { dueShard, dueAtMs: 0 });
  }

  const read = (pk: unknown): Item | undefined => items.get(String(pk));

  const project = (pk: string, item: Item): void => {
    // One item's changes reach the index in their order.
    const atMs = Math.max(time.nowMs() + indexLagMs(), indexedAtMs.get(pk) ?? 0);
    indexedAtMs.set(pk, atMs);
    const { dueShard, dueAtMs } = item as Partial<DueEntry>;
    time.at(atMs, () => {
      if (dueShard === undefined || dueAtMs === undefined) index.delete(pk);
      else index.set(pk, { dueShard, dueAtMs });
    });
  };

  const write = (
    by: Worker,
    pk: string,
    condition: string | undefined,
    values: Item | undefined,
    make: (item: Item) => Item,
  ) => {
    const before = read(pk);
    if (!meets(before, condition, values)) throw lost();
    const after = make(before ?? {});
    const [taskBefore, taskAfter] = [tasks.get(pk), taskSchema.parse(after)];
    items.set(pk, after);
    tasks.set(pk, taskAfter);
    project(pk, after);
    onWrite(taskBefore, taskAfter, { isDue: after['dueShard'] !== undefined, by });
    if (isAnsweredAsLost()) throw lost({ isRepeat: true });
  };

  const query = (input: QueryInput) => {
    const { ExpressionAttributeValues: values = {}, Limit = 100, ExclusiveStartKey } = input;
    const due = [...index]
      .filter(([, entry]) => entry.dueShard === values[':shard'] && entry.dueAtMs <= Number(values[':now']))
      .sort(
        ([one, { dueAtMs }], [other, { dueAtMs: otherAtMs }]) =>
          dueAtMs - otherAtMs || (one < other ? -1 : 1),
      )
      .map(([pk, { dueAtMs }]) => ({ pk, dueAtMs }));
    const from = ExclusiveStartKey ? due.findIndex(({ pk }) => pk === ExclusiveStartKey['pk']) + 1 : 0;
    const Items = due.slice(from, from + Limit);
    return { Items, LastEvaluatedKey: due.length > from + Limit ? Items.at(-1) : undefined };
  };

  const taskItems = (by: Worker): ItemsInMemory => ({
    get: ({ Key }) => ({ Item: read(Key.pk) }),
    put: ({ Item, ConditionExpression, ExpressionAttributeValues }) =>
      write(by, String(Item['pk']), ConditionExpression, ExpressionAttributeValues, () => Item),
    update({ Key, UpdateExpression, ConditionExpression, ExpressionAttributeValues }) {
      write(by, Key.pk, ConditionExpression, ExpressionAttributeValues, (item) =>
        updated(item, UpdateExpression, ExpressionAttributeValues),
      );
      return {};
    },
    query,
  });

  return {
    /** The table as one worker has it. */
    of: (worker: Worker): Table => {
      const itemsOf = (key: Item) => (isTask(key) ? taskItems(worker) : lineItems);
      return {
        get: (input) => worker.call('get', () => itemsOf(input.Key).get(input)),
        put: (input) => worker.call('put', () => itemsOf(input.Item).put(input)),
        update: (input) => worker.call('update', () => itemsOf(input.Key).update(input)),
        delete: (input) => worker.call('delete', () => lineItems.delete(input)),
        query: (input) =>
          worker.call('query', () =>
            (input.IndexName === undefined ? lineItems : taskItems(worker)).query(input),
          ),
        batchGet: () => Promise.reject(new Error('The table of the simulation reads no batches.')),
      };
    },
    tasks: (): Task[] => [...tasks.values()],
    places: lineItems.places,
    counted: lineItems.counted,
    find: (taskId: string): Task | undefined => tasks.get(`TASK#${taskId}`),
    /** When the next entry of the index, as it will be, is due. */
    nextDueAtMs: (): number | undefined => {
      const times = [...items.values()].flatMap(({ dueAtMs }) =>
        typeof dueAtMs === 'number' ? dueAtMs : [],
      );
      return times.length > 0 ? Math.min(...times) : undefined;
    },
  };
};
export type SimulatedTable = ReturnType<typeof createTable>;

const isTask = ({ pk }: Item): boolean => String(pk).startsWith('TASK#');

const lost = (as = { isRepeat: false }) => new ConditionFailedError('lost', as);
