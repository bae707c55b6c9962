import * as z from 'zod/mini';
import { answerSchemas } from './answer-schemas.ts';
import { callbackOperations } from './callback-operations.ts';
import { gatewayOperations } from './gateway-operations.ts';
import { imageOperations } from './image-operations.ts';
import { imageRequestSchema } from './image-request-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { headers, type Operation, refusals } from './operation.ts';
import { videoOperations } from './video-operations.ts';
import { videoRequestSchema } from './video-request-schema.ts';

const schemaPath = (name: string) => `#/components/schemas/${name}`;
const reference = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const jsonContent = (schema: JsonSchema) => ({ 'application/json': { schema } });

const answerComponents = (): Record<string, JsonSchema> => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answerSchemas)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: schemaPath, override: tidyInteger });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
};

const tidyInteger = ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
};

/** What every route under `/v1` may answer instead. */
const commonRefusals = [401, 429, 500, 503] as const;

const refusalHeaders: Readonly<Record<string, readonly string[]>> = {
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

const answersOf = ({ answers, headers: names }: Operation) =>
  Object.fromEntries(
    answers.map(({ status, description, schema }) => [
      status,
      {
        description,
        headers: headersOf(names),
        ...(schema && { content: jsonContent({ $ref: schemaPath(schema) }) }),
      },
    ]),
  );

const requestOf = ({ request }: Operation) =>
  request && {
    requestBody: {
      required: request.required,
      content: jsonContent(
        typeof request.schema === 'string' ? { $ref: schemaPath(request.schema) } : request.schema,
      ),
    },
  };

const describe = (operation: Operation) => ({
  operationId: operation.operationId,
  tags: [operation.tag],
  summary: operation.summary,
  ...(operation.withoutKey && { security: [] }),
  ...(operation.parameters && {
    parameters: operation.parameters.map((parameter) => ({
      ...parameter,
      required: parameter.in === 'path',
    })),
  }),
  ...requestOf(operation),
  responses: { ...answersOf(operation), ...refusalsOf(operation) },
});

const operations = [...videoOperations, ...callbackOperations, ...imageOperations, ...gatewayOperations];

const paths = () => {
  const byPath: Record<string, Record<string, object>> = {};
  for (const operation of operations)
    byPath[operation.path] = { ...byPath[operation.path], [operation.method]: describe(operation) };
  return byPath;
};

const components = () => ({
  schemas: {
    VideoGenerationRequest: videoRequestSchema(),
    ImageGenerationRequest: imageRequestSchema(),
    ...answerComponents(),
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
  headers: Object.fromEntries(
    Object.entries({ 'X-Request-Id': 'Names this request in the gateway’s logs.', ...headers }).map(
      ([name, description]) => [name, { description, schema: { type: 'string' } }],
    ),
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

const eventWebhook = (summary: string) => ({
  post: {
    summary,
    description:
      'Sent to the callback_url of the task, signed as Standard Webhooks say: headers webhook-id, webhook-timestamp and webhook-signature.',
    requestBody: { required: true, content: jsonContent({ $ref: schemaPath('TaskEvent') }) },
    responses: { '2XX': { description: 'Delivered. Anything else is tried again; 410 ends it.' } },
  },
});

const build = () => ({
  openapi: '3.1.0',
  info: {
    title: 'ClearMaas API',
    version: '2026.04',
    summary: 'An OpenAI-compatible gateway for images and videos.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/v1', description: 'This gateway' }],
  security: [{ bearerAuth: [] }],
  tags: ['Video', 'Images', 'Models', 'Callbacks', 'Gateway'].map((name) => ({ name })),
  paths: paths(),
  webhooks: {
    'video.completed': eventWebhook('A video is ready'),
    'video.failed': eventWebhook('A video has failed'),
    'video.in_progress': eventWebhook('A video is being rendered, for those who asked to hear of it'),
    'image.completed': eventWebhook('The images of a task are ready'),
    'image.failed': eventWebhook('The images of a task have failed'),
  },
  components: components(),
});

let text: string | undefined;

/** The OpenAPI document, made of the schemas that the routes read requests by; once, when it is first asked for. */
export const openApiText = (): string => {
  text ??= JSON.stringify(build());
  return text;
};
