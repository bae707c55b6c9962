import type { ItemKey, Table } from '../../lib/aws/table.ts';

type Write = 'put' | 'update' | 'delete';
/** `meanwhile`: what others do between the write and its repetition. */
type Trouble = { write: Write; pk: string; how: 'fails' | 'answer lost'; meanwhile?: () => Promise<unknown> };

/**
 * A table whose next write of a kind, to items whose key begins so, fails; or takes effect while its answer is lost, so that
 * the SDK sends it once more.
 */
export const createUnreliableTable = (table: Table) => {
  const troubles: Trouble[] = [];
  const troubled = async <Answer>(
    write: Write,
    pk: unknown,
    effect: () => Promise<Answer>,
  ): Promise<Answer> => {
    const index = troubles.findIndex((one) => one.write === write && String(pk).startsWith(one.pk));
    const [trouble] = index < 0 ? [] : troubles.splice(index, 1);
    if (trouble === undefined) return effect();
    if (trouble.how === 'fails') throw new Error(`the ${write} of ${trouble.pk} failed`);
    await effect();
    await trouble.meanwhile?.();
    return effect();
  };
  const unreliable: Table = {
    ...table,
    put: (input) => troubled('put', input.Item['pk'], () => table.put(input)),
    update: (input) => troubled('update', keyOf(input), () => table.update(input)),
    delete: (input) => troubled('delete', keyOf(input), () => table.delete(input)),
  };
  return { table: unreliable, trouble: (one: Trouble) => void troubles.push(one) };
};

const keyOf = ({ Key }: { Key: ItemKey }): string => Key.pk;
