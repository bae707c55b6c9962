import * as z from 'zod/mini';

export type JsonSchema = { [name: string]: unknown };
export type ObjectSchema = JsonSchema & { properties: Record<string, JsonSchema> };

export const schemaPath = (name: string) => `#/components/schemas/${name}`;

/** A schema that validates, as JSON Schema: what to send to satisfy it. */
export const jsonSchemaOf = (schema: z.ZodMiniType): JsonSchema => {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => tidy(jsonSchema),
  });
  return described;
};

export const objectSchemaOf = (schema: z.ZodMiniObject): ObjectSchema => jsonSchemaOf(schema) as ObjectSchema;

/** Leaves out the bounds that every safe integer has. */
export const tidy = (schema: JsonSchema): void => {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
};

/** Generators fail on a list of types, but read `anyOf`. */
export const withoutTypeLists = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTypeLists);
  if (typeof value !== 'object' || value === null) return value;
  const { type, ...others } = value as JsonSchema;
  const rest = Object.fromEntries(
    Object.entries(others).map(([name, child]) => [name, withoutTypeLists(child)]),
  );
  if (type === undefined) return rest;
  return Array.isArray(type)
    ? { ...rest, anyOf: type.map((one) => ({ type: one })) }
    : { type: withoutTypeLists(type), ...rest };
};

/** Adds to each property what only a person wants to know. */
export const withNotes = (schema: ObjectSchema, notes: Record<string, JsonSchema>): ObjectSchema => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, { ...property, ...notes[name] }]),
  ),
});
