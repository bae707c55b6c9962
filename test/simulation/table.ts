import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Task, taskSchema } from '../../lib/tasks/task.ts';
import { meets, updated } from './expressions.ts';
import { createLineItems } from './line-items.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

type Item = Readonly<Record<string, unknown>>;
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
    if (isAnsweredAsLost()) throw lost();
    return {};
  };

  const query = (command: QueryCommand) => {
    const { ExpressionAttributeValues: values = {}, Limit = 100, ExclusiveStartKey } = command.input;
    const due = [...index]
      .filter(([, entry]) => entry.dueShard === values[':shard'] && entry.dueAtMs <= values[':now'])
      .sort(
        ([one, { dueAtMs }], [other, { dueAtMs: otherAtMs }]) =>
          dueAtMs - otherAtMs || (one < other ? -1 : 1),
      )
      .map(([pk, { dueAtMs }]) => ({ pk, dueAtMs }));
    const from = ExclusiveStartKey ? due.findIndex(({ pk }) => pk === ExclusiveStartKey['pk']) + 1 : 0;
    const Items = due.slice(from, from + Limit);
    return { Items, LastEvaluatedKey: due.length > from + Limit ? Items.at(-1) : undefined };
  };

  const carryOut = (command: unknown, by: Worker): unknown => {
    const ofLine = lineItems.carryOut(command);
    if (ofLine !== undefined) return ofLine;
    if (command instanceof GetCommand) return { Item: read(command.input.Key?.['pk']) };
    if (command instanceof QueryCommand) return query(command);
    if (command instanceof PutCommand) {
      const { Item = {}, ConditionExpression, ExpressionAttributeValues } = command.input;
      return write(by, String(Item['pk']), ConditionExpression, ExpressionAttributeValues, () => Item);
    }
    if (command instanceof UpdateCommand) {
      const { Key, UpdateExpression = '', ConditionExpression, ExpressionAttributeValues } = command.input;
      return write(by, String(Key?.['pk']), ConditionExpression, ExpressionAttributeValues, (item) =>
        updated(item, UpdateExpression, ExpressionAttributeValues),
      );
    }
    throw new Error('The table of the simulation does not know this command.');
  };

  return {
    /** The client as one worker has it. */
    clientOf: (worker: Worker): DynamoDBDocumentClient => {
      const send = (command: { constructor: { name: string } }) =>
        worker.call(command.constructor.name, () => carryOut(command, worker));
      return { send } as unknown as DynamoDBDocumentClient;
    },
    tasks: (): Task[] => [...tasks.values()],
    places: lineItems.places,
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
export type Table = ReturnType<typeof createTable>;

const lost = () => new ConditionalCheckFailedException({ message: 'lost', $metadata: {} });
