import {
  ConditionFailedError,
  type DeleteInput,
  type Item,
  type QueryInput,
  type Table,
} from '../../lib/aws/table.ts';
import { type Task, taskSchema } from '../../lib/tasks/task.ts';
import { meets, updated, withNames } from './expressions.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

type DueEntry = { dueShard: number; dueAtMs: number };
type EventEntry = { workspaceId: string; endedOrder: string };

type TableOptions = {
  time: VirtualTime;
  indexLagMs(): number;
  /** How many items nobody can read; each shard of the index has one, always due. */
  unreadableItems: number;
  /** Whether a write that took effect is answered as one whose condition failed, as after a repeat by the SDK. */
  isAnsweredAsLost(): boolean;
  /** Told when anybody joins a queue. */
  onEnqueue(): void;
  /** Told of every write of a budget. */
  onBudget(before: Item | undefined, after: Item): void;
  /** Told of every write of a task. */
  onWrite(before: Task | undefined, after: Task, write: { isDue: boolean; by: Worker }): void;
};

type Conditional = Pick<
  DeleteInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** DynamoDB with the one table, as far as the product asks of it. Its indexes lag. */
export const createTable = (options: TableOptions) => {
  const { time, indexLagMs, unreadableItems, isAnsweredAsLost, onWrite, onBudget, onEnqueue } = options;
  const items = new Map<string, Item>();
  const index = new Map<string, DueEntry>();
  const events = new Map<string, EventEntry>();
  const indexedAtMs = new Map<string, number>();
  /** The tasks as the store would read them. */
  const tasks = new Map<string, Task>();

  for (let dueShard = 0; dueShard < unreadableItems; dueShard += 1) {
    const pk = `TASK#unreadable-${dueShard}`;
    items.set(nameOf({ pk, sk: 'TASK' }), { pk, sk: 'TASK', written: 'by a version of long ago' });
    index.set(pk, { dueShard, dueAtMs: 0 });
  }

  const project = (pk: string, item: Item): void => {
    // One item's changes reach the index in their order.
    const atMs = Math.max(time.nowMs() + indexLagMs(), indexedAtMs.get(pk) ?? 0);
    indexedAtMs.set(pk, atMs);
    const { dueShard, dueAtMs, workspaceId, endedOrder } = item as Partial<DueEntry & EventEntry>;
    time.at(atMs, () => {
      if (dueShard === undefined || dueAtMs === undefined) index.delete(pk);
      else index.set(pk, { dueShard, dueAtMs });
      if (workspaceId !== undefined && endedOrder !== undefined) events.set(pk, { workspaceId, endedOrder });
    });
  };

  const noteTask = (pk: string, after: Item, by: Worker): void => {
    const [before, task] = [tasks.get(pk), taskSchema.parse(after)];
    tasks.set(pk, task);
    project(pk, after);
    onWrite(before, task, { isDue: after['dueShard'] !== undefined, by });
  };

  const write = (
    by: Worker,
    key: Item,
    { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Conditional,
    make: (before: Item) => Item | undefined,
  ): Item | undefined => {
    const name = nameOf(key);
    const before = items.get(name);
    const condition = withNames(ConditionExpression, ExpressionAttributeNames);
    if (!meets(before, condition, ExpressionAttributeValues)) throw lost();
    const after = make(before ?? {});
    if (after === undefined) items.delete(name);
    else items.set(name, after);
    const pk = String(key['pk']);
    if (after !== undefined && pk.startsWith('TASK#')) noteTask(pk, after, by);
    if (after !== undefined && /^(BUDGET|EVENT)#/.test(pk)) project(pk, after);
    if (after !== undefined && pk.startsWith('BUDGET#')) onBudget(before, after);
    if (after !== undefined && pk.startsWith('QUEUE')) onEnqueue();
    if (ConditionExpression !== undefined && isAnsweredAsLost()) throw lost();
    return after;
  };

  const queryDue = ({
    ExpressionAttributeValues: values = {},
    Limit = 100,
    ExclusiveStartKey,
  }: QueryInput) => {
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

  const queryEvents = ({ ExpressionAttributeValues: values = {}, Limit = 100 }: QueryInput) => {
    const found = [...events]
      .filter(([, entry]) => entry.workspaceId === values[':workspace'])
      .map(([pk, { endedOrder }]) => ({ pk, endedOrder }))
      .filter(({ endedOrder }) => endedOrder > String(values[':after']))
      .sort((one, other) => (one.endedOrder < other.endedOrder ? -1 : 1));
    return { Items: found.slice(0, Limit) };
  };

  const query = (input: QueryInput) => {
    const { KeyConditionExpression, ExpressionAttributeValues, Limit = 1_000, ExclusiveStartKey } = input;
    const found = [...items.values()]
      .filter((item) => meets(item, KeyConditionExpression, ExpressionAttributeValues))
      .sort((one, other) => (String(one['sk']) < String(other['sk']) ? -1 : 1));
    const from = ExclusiveStartKey
      ? found.findIndex(({ sk }) => String(sk) > String(ExclusiveStartKey['sk']))
      : 0;
    const Items = from < 0 ? [] : found.slice(from, from + Limit);
    return { Items, LastEvaluatedKey: found.length > from + Limit ? Items.at(-1) : undefined };
  };

  return {
    /** The table as one worker has it. */
    of: (worker: Worker): Table => ({
      get: ({ Key }) => worker.call('get', () => ({ Item: items.get(nameOf(Key)) })),
      put: (input) =>
        worker.call('put', () => void write(worker, input.Item, input, () => withoutUndefined(input.Item))),
      update: (input) =>
        worker.call('update', () => ({
          Attributes: write(worker, input.Key, input, (before) =>
            updated(
              { ...input.Key, ...before },
              withNames(input.UpdateExpression, input.ExpressionAttributeNames),
              input.ExpressionAttributeValues,
            ),
          ),
        })),
      delete: (input) => worker.call('delete', () => void write(worker, input.Key, input, () => undefined)),
      query: (input) =>
        worker.call('query', () => (input.IndexName === undefined ? query(input) : queryDue(input))),
      batchGet: ({ Keys }) => worker.call('batch get', () => found(items, Keys)),
    }),
    /** What a reader of the feed asks; nothing of it goes wrong but that the index is late. */
    forReader: (): Table => ({
      ...unasked,
      query: async (input) => queryEvents(input),
      batchGet: async ({ Keys }) => found(items, Keys),
    }),
    tasks: (): Task[] => [...tasks.values()],
    find: (taskId: string): Task | undefined => tasks.get(`TASK#${taskId}`),
    /** Who is in a queue that the reconciliation knows. Others are found by the next task that joins them. */
    entries: (): string[] => {
      const known = new Set(named(items, 'QUEUES#ALL ').map((name) => name.replace('QUEUES#ALL ', 'QUEUE#')));
      return named(items, 'QUEUE#').filter((name) => known.has(name.split(' ')[0] ?? ''));
    },
    /** What is booked, by key. */
    ledger: (): ReadonlyMap<string, Item> =>
      new Map([...items].filter(([name]) => name.startsWith('LEDGER#'))),
    /** The tasks that hold a slot of a workspace with a limit. */
    slotHolders: (): string[] => named(items, 'SLOTS#').map((name) => String(items.get(name)?.['taskId'])),
    hasOpenBudgets: (): boolean =>
      [...items.values()].some(
        ({ pk, dueShard }) => String(pk).startsWith('BUDGET#') && dueShard !== undefined,
      ),
    budgets: (): Item[] => [...items.values()].filter(({ pk }) => String(pk).startsWith('BUDGET#')),
    /** When the next entry of the index, as it will be, is due. */
    nextDueAtMs: (): number | undefined => {
      const times = [...items.values()].flatMap(({ dueAtMs }) =>
        // A budget is there for the sweep of each minute, as long as it is open.
        typeof dueAtMs === 'number' && dueAtMs > 0 ? dueAtMs : [],
      );
      return times.length > 0 ? Math.min(...times) : undefined;
    },
  };
};
export type SimulatedTable = ReturnType<typeof createTable>;

const refuse = (): Promise<never> => Promise.reject(new Error('A reader of the feed asks no such thing.'));
const unasked = { get: refuse, put: refuse, update: refuse, delete: refuse };

const nameOf = ({ pk, sk }: Item): string => `${pk} ${sk}`;
const found = (items: ReadonlyMap<string, Item>, keys: readonly Item[]): Item[] =>
  keys.flatMap((key): Item[] => [items.get(nameOf(key)) ?? []].flat());
const named = (items: ReadonlyMap<string, Item>, beginning: string): string[] =>
  [...items.keys()].filter((name) => name.startsWith(beginning));
const lost = () => new ConditionFailedError('lost');
const withoutUndefined = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
