import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { meets, updated } from './expressions.ts';

type Item = Readonly<Record<string, unknown>>;
type Key = Record<string, unknown> | undefined;

/** All items that are not tasks: those of the lines. They are read by their key, so that no index lags. */
export const createLineItems = (lost: () => Error, isAnsweredAsLost: () => boolean, onPut: () => void) => {
  const items = new Map<string, Item>();
  const nameOf = (key: Key): string => `${key?.['pk']} ${key?.['sk']}`;

  const update = ({ input }: UpdateCommand) => {
    const { Key, UpdateExpression = '', ConditionExpression, ExpressionAttributeValues } = input;
    const before = items.get(nameOf(Key));
    if (!meets(before, ConditionExpression, ExpressionAttributeValues)) throw lost();
    const Attributes = updated({ ...Key, ...before }, UpdateExpression, ExpressionAttributeValues);
    items.set(nameOf(Key), Attributes);
    if (isAnsweredAsLost()) throw lost();
    return { Attributes };
  };

  const query = ({ input }: QueryCommand) => {
    const { ExpressionAttributeValues: values = {}, Limit = 100 } = input;
    const Items = [...items.values()]
      .filter(({ pk }) => Object.values(values).includes(pk))
      .sort((one, other) => (String(one['sk']) < String(other['sk']) ? -1 : 1));
    return { Items: Items.slice(0, Limit) };
  };

  return {
    /** The answer to a command about such an item; `undefined` if it is about a task. */
    carryOut(command: unknown): object | undefined {
      if (command instanceof QueryCommand) return command.input.IndexName ? undefined : query(command);
      if (command instanceof PutCommand) {
        const { Item = {} } = command.input;
        if (isTask(Item)) return undefined;
        items.set(nameOf(Item), Item);
        onPut();
        return {};
      }
      if (command instanceof GetCommand && !isTask(command.input.Key))
        return { Item: items.get(nameOf(command.input.Key)) };
      if (command instanceof UpdateCommand && !isTask(command.input.Key)) return update(command);
      if (command instanceof DeleteCommand) {
        items.delete(nameOf(command.input.Key));
        return {};
      }
      return undefined;
    },
    /** Who waits. */
    places: (): string[] =>
      [...items.values()].filter(({ pk }) => String(pk).startsWith('LINE#')).map(({ sk }) => String(sk)),
  };
};

const isTask = (key: Key): boolean => String(key?.['pk']).startsWith('TASK#');
