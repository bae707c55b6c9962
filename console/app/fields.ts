import type { Schema } from './openapi.ts';
import type { Model } from './wire.ts';

/** How a field of a request is entered. */
type Control =
  | { kind: 'choice'; values: string[] }
  | { kind: 'number'; min?: number; max?: number }
  | { kind: 'switch' }
  | { kind: 'picture' }
  | { kind: 'text'; isLong: boolean }
  /** Lists and objects, as the API takes them. */
  | { kind: 'json' };

export type Field = {
  /** Where it stands in the body, as `metadata.mode`. */
  path: string;
  name: string;
  description: string;
  isRequired: boolean;
  /** Another dialect's name for a field that is there already, one for lists, or one of a single value: not shown at first. */
  isFurther: boolean;
  control: Control;
};

const variants = (schema: Schema): Schema[] => schema.anyOf ?? [schema];

const controlOf = (name: string, schema: Schema): Control => {
  const all = variants(schema);
  const choice = all.find(({ enum: values }) => values !== undefined);
  const isBoolean = all.some(({ type }) => type === 'boolean');
  if (isBoolean) return { kind: 'switch' };
  if (choice?.enum !== undefined) return { kind: 'choice', values: choice.enum.map(String) };
  const number = all.find(({ type }) => type === 'number' || type === 'integer');
  if (number !== undefined)
    return {
      kind: 'number',
      ...(number.minimum !== undefined && { min: number.minimum }),
      ...(number.maximum !== undefined && { max: number.maximum }),
    };
  if (all.some(({ type }) => type === 'array' || type === 'object')) return { kind: 'json' };
  if (/(^|_)image(_|$)/.test(name)) return { kind: 'picture' };
  return { kind: 'text', isLong: /prompt/.test(name) };
};

const isAlias = ({ description = '' }: Schema): boolean => /OpenAI’s name for|The same as /.test(description);
const alwaysFurther = /^(callback_events|expires_after|external_task_id|user|style|models|route|moderation)$/;

/** The fields of a request, read from its schema. `model` is chosen elsewhere. */
export const fieldsOf = (schema: Schema): Field[] => {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    if (name === 'model') return [];
    if (name === 'metadata' && property.properties !== undefined)
      return Object.entries(property.properties).map(([inner, each]) =>
        fieldOf(inner, `metadata.${inner}`, each, false),
      );
    return [fieldOf(name, name, property, required.includes(name))];
  });
};

const fieldOf = (name: string, path: string, schema: Schema, isRequired: boolean): Field => {
  const control = controlOf(name, schema);
  return {
    path,
    name,
    description: schema.description ?? '',
    isRequired,
    isFurther:
      control.kind === 'json' || schema.const !== undefined || isAlias(schema) || alwaysFurther.test(name),
    control,
  };
};

/** The fields that a model takes, with its own values. `others`: models whose requests have the same schema. */
export const fieldsFor = (model: Model, others: readonly Model[], fields: readonly Field[]): Field[] => {
  const differing = new Set(others.flatMap(({ parameters = {} }) => Object.keys(parameters)));
  return fields.flatMap((field) => {
    const own = model.parameters?.[field.name];
    if (own === undefined) return differing.has(field.name) ? [] : [field];
    return [own.enum === undefined ? field : { ...field, control: choiceOf(own.enum) }];
  });
};

const choiceOf = (values: readonly (string | number)[]): Control => ({
  kind: 'choice',
  values: values.map(String),
});

/** The body of a request. Throws a sentence about a field that cannot be read. */
export const bodyOf = (
  model: string,
  fields: readonly Field[],
  values: Readonly<Record<string, string>>,
): Record<string, unknown> => {
  const body: Record<string, unknown> = { model };
  const metadata: Record<string, unknown> = {};
  for (const field of fields) {
    const text = values[field.path];
    if (text === undefined || text === '') continue;
    const target = field.path.startsWith('metadata.') ? metadata : body;
    target[field.name] = readValue(field, text);
  }
  return Object.keys(metadata).length > 0 ? { ...body, metadata } : body;
};

const readValue = ({ name, control }: Field, text: string): unknown => {
  if (control.kind === 'number') return Number(text);
  if (control.kind === 'switch') return text === 'true';
  if (control.kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name} must be JSON, such as ["…"] or {"…": "…"}.`, { cause });
  }
};
