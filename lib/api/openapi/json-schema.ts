import * as z from 'zod/mini';

export type JsonSchema = { [name: string]: unknown };
export type ObjectSchema = JsonSchema & { properties: Record<string, JsonSchema> };

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

/** That null is taken for absent is a courtesy that needs no mention, and an integer has its bounds by nature. */
const tidy = (schema: JsonSchema): void => {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  const [wanted, nothing] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  if (nothing?.type !== 'null') return;
  delete schema['anyOf'];
  Object.assign(schema, wanted);
};

/** Adds to each property what only a person wants to know. */
export const withNotes = (schema: ObjectSchema, notes: Record<string, JsonSchema>): ObjectSchema => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, { ...property, ...notes[name] }]),
  ),
});
