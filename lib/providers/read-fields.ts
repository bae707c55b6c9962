import type * as z from 'zod/mini';
import type { Problem } from '../errors.ts';
import { fieldProblems, wirePath } from '../field-problems.ts';
import type { Json, JsonObject } from '../json.ts';

export type FieldTable = Record<string, z.ZodMiniType>;
export type FieldValues<Table extends FieldTable> = { [Name in keyof Table]?: z.output<Table[Name]> };

export type FieldReading<Table extends FieldTable> = {
  /** What could be read; a field that is an empty list counts as not given. */
  values: FieldValues<Table>;
  problems: Problem[];
  /** The fields that have a problem. */
  broken: (keyof Table)[];
  /** Keys that no schema knows, as paths below `prefix`. */
  unknown: string[];
};

/**
 * Reads each field by its own schema, so that one bad field does not hide another. `prefix` is what stands before
 * the names in a problem's `param`.
 */
export const readFields = <Table extends FieldTable>(
  table: Table,
  input: JsonObject,
  prefix: string,
): FieldReading<Table> => {
  const values: Record<string, unknown> = {};
  const reading: Omit<FieldReading<Table>, 'values'> = { problems: [], broken: [], unknown: [] };
  for (const [name, value] of Object.entries(input)) {
    const schema = Object.hasOwn(table, name) ? table[name] : undefined;
    if (schema === undefined) {
      reading.unknown.push(name);
    } else if (isGiven(value)) {
      const parsed = schema.safeParse(value);
      if (parsed.success) {
        values[name] = parsed.data;
        reading.unknown.push(...droppedKeys(value, parsed.data, name));
      } else {
        reading.broken.push(name);
        reading.problems.push(...fieldProblems(parsed.error.issues, value, `${prefix}${name}`));
      }
    }
  }
  // Each value was made by the schema of its name.
  return { values: values as FieldValues<Table>, ...reading };
};

export const isGiven = (value: Json | undefined): value is Json =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** The keys of objects within `given` that are no longer there in `kept`. */
const droppedKeys = (given: Json, kept: unknown, path: string): string[] => {
  if (!isContainer(given) || !isContainer(kept)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const place = wirePath([Array.isArray(given) ? Number(key) : key], path);
    return Object.hasOwn(kept, key) ? droppedKeys(value, kept[key], place) : [place];
  });
};

const isContainer = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null;
