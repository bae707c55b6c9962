import * as z from 'zod/mini';
import type { Registry } from '../../providers/registry.ts';
import { answerSchemas } from './answer-schemas.ts';
import { callbackOperations } from './callback-operations.ts';
import { callbacksOf, eventUnions, signatureParameters, webhooks } from './events.ts';
import { gatewayOperations } from './gateway-operations.ts';
import { imageOperations } from './image-operations.ts';
import { imageRequestSchema } from './image-request-schema.ts';
import { type JsonSchema, jsonSchemaOf, schemaPath, tidy, withoutTypeLists } from './json-schema.ts';
import { openAiVideoOperations } from './openai-video-operations.ts';
import { headers, type Operation, refusals } from './operation.ts';
import { Estimate } from './usage-schemas.ts';
import { videoOperations } from './video-operations.ts';
import { videoFormSchema, videoRequestSchema } from './video-request-schema.ts';

const reference = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const jsonContent = (schema: JsonSchema) => ({ 'application/json': { schema } });

const answerComponents = (): Record<string, JsonSchema> => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answerSchemas)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: schemaPath,
    override: ({ jsonSchema }) => tidy(jsonSchema),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
};

/** What every route under `/v1` may answer instead. */
const commonRefusals = [401, 429, 500, 503] as const;

const refusalHeaders: Readonly<Record<string, readonly string[]>> = {
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const refusalsOf = ({ withoutKey, refusals: own }: Operation) =>
  Object.fromEntries(
    [...own, ...(withoutKey ? [500] : commonRefusals)].map((status) => [
      status,
      reference('responses', `Refusal${status}`),
    ]),
  );

const headersOf = (names: readonly string[] = []) =>
  Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, reference('headers', name)]));

const mediaSchemas = {
  'application/json': { schema: { type: 'object' } },
  'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
};

const answersOf = ({ answers, headers: names }: Operation) =>
  Object.fromEntries(
    answers.map(({ status, description, schema, mediaType }): [number, object] => [
      status,
      {
        description,
        headers: headersOf(names),
        ...(schema && { content: jsonContent({ $ref: schemaPath(schema) }) }),
        ...(mediaType && { content: { [mediaType]: mediaSchemas[mediaType] } }),
      },
    ]),
  );

const requestOf = ({ request }: Operation) =>
  request && {
    requestBody: {
      required: request.required,
      content: {
        ...jsonContent(
          typeof request.schema === 'string' ? { $ref: schemaPath(request.schema) } : request.schema,
        ),
        ...(request.form && { 'multipart/form-data': { schema: { $ref: schemaPath(request.form) } } }),
      },
    },
  };

const describe = (operation: Operation) => ({
  operationId: operation.operationId,
  tags: [operation.tag],
  summary: operation.summary,
  description: operation.description,
  ...(operation.withoutKey && { security: [] }),
  ...(operation.parameters && {
    parameters: operation.parameters.map((parameter) => ({
      ...parameter,
      required: parameter.in === 'path',
    })),
  }),
  // Not among the answers: a union there would have every typed client tell two kinds of answers apart.
  ...(operation.estimates && { 'x-answer-to-estimate': jsonSchemaOf(Estimate) }),
  ...requestOf(operation),
  ...(operation.events && { callbacks: callbacksOf(operation.operationId, operation.events) }),
  responses: { ...answersOf(operation), ...refusalsOf(operation) },
});

const operations = [
  ...videoOperations,
  ...openAiVideoOperations,
  ...callbackOperations,
  ...imageOperations,
  ...gatewayOperations,
];

const paths = () => {
  const byPath: Record<string, Record<string, object>> = {};
  for (const operation of operations)
    byPath[operation.path] = { ...byPath[operation.path], [operation.method]: describe(operation) };
  return byPath;
};

const components = (registry: Registry) => ({
  schemas: {
    VideoGenerationRequest: videoRequestSchema(registry),
    VideoCreateForm: videoFormSchema(registry),
    ImageGenerationRequest: imageRequestSchema(registry),
    ...answerComponents(),
    ...eventUnions(),
  },
  responses: Object.fromEntries(
    Object.entries(refusals).map(([status, description]) => [
      `Refusal${status}`,
      {
        description,
        headers: headersOf(refusalHeaders[status]),
        content: jsonContent({ $ref: schemaPath('ApiError') }),
      },
    ]),
  ),
  parameters: signatureParameters,
  headers: Object.fromEntries(
    Object.entries({
      'X-Request-Id':
        'Names this request in the gateway’s logs: its own X-Request-Id, if that has up to 64 letters, digits, -, = and _.',
      ...headers,
    }).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  ),
  securitySchemes: {
    bearerAuth: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'API key (sk-clearmaas-...)',
      description: 'Pass the header `Authorization: Bearer sk-clearmaas-...`.',
    },
  },
});

const tags = {
  Video: 'Tasks that make videos.',
  Videos: 'The same tasks in OpenAI’s dialect.',
  Images: 'Images, at once or as tasks.',
  Models: 'What can be asked for.',
  Callbacks: 'Events of tasks: what was sent, sending again, secrets.',
  Gateway: 'The gateway itself.',
};

const build = (registry: Registry) => ({
  openapi: '3.1.0',
  info: {
    title: 'ClearMaas API',
    version: '2026.04',
    summary: 'An OpenAI-compatible gateway for images and videos.',
    description:
      'Makes images while you wait, and videos as tasks that call you back. Errors say what was wrong and what to do. In a body null and "" mean absent, and whole numbers may be text.',
    contact: { name: 'The operator of this gateway' },
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/v1', description: 'This gateway' }],
  security: [{ bearerAuth: [] }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: paths(),
  webhooks: webhooks(),
  components: components(registry),
});

/** The OpenAPI document, made of the schemas that the routes read requests by. */
export const openApiText = (registry: Registry): string => JSON.stringify(withoutTypeLists(build(registry)));
