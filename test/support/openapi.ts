import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiText } from '../../lib/api/openapi/document.ts';
import { registry } from '../../lib/providers/registry.ts';

type Schema = { [name: string]: unknown };
type DescribedAnswer = {
  $ref?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: Schema }>;
};
type DescribedOperation = {
  operationId: string;
  'x-answer-to-estimate'?: Schema;
  summary: string;
  tags: string[];
  parameters?: { in: string; name: string; schema: Schema }[];
  responses: Record<string, DescribedAnswer>;
};
type OpenApi = {
  openapi: string;
  paths: Record<string, Record<string, DescribedOperation>>;
  components: {
    schemas: Record<string, Schema & { properties: Record<string, Schema>; required?: string[] }>;
    responses: Record<string, DescribedAnswer>;
  };
};

export const openApi = JSON.parse(openApiText(registry)) as OpenApi;

type DescribedRoute = { method: string; path: string; operation: DescribedOperation };

/** Every operation with the path that it has on this gateway. */
export const describedRoutes: readonly DescribedRoute[] = Object.entries(openApi.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: `/v1${path}`,
      operation,
    })),
);

/** Links, a provider's webhook and what a load balancer asks: nothing that a client's code would call by itself. */
export const isForClients = (path: string): boolean => path.startsWith('/v1/');

/** A document for clients says what they can rely on; a test wants to know of anything more. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, child]) => [name, closed(child)]);
  const isShape = 'properties' in value && !('additionalProperties' in value);
  return { ...Object.fromEntries(members), ...(isShape && { additionalProperties: false }) };
};

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: 'document', ...(closed(openApi) as object) });
const validators = new Map<string, ValidateFunction>();

const validatorOf = (schema: Schema): ValidateFunction => {
  const { $ref } = schema;
  const name = $ref === undefined ? JSON.stringify(schema) : `document${$ref}`;
  const validator =
    validators.get(name) ?? ajv.compile($ref === undefined ? (closed(schema) as object) : { $ref: name });
  validators.set(name, validator);
  return validator;
};

const pathPattern = (path: string) =>
  new RegExp(`^${path.replace(/\{model_id\}/, '.+').replace(/\{\w+\}/g, '[^/]+')}$`);
const patterns = describedRoutes.map((route) => ({ ...route, pattern: pathPattern(route.path) }));

const routeOf = (method: string, path: string): DescribedRoute | undefined =>
  patterns.find((route) => route.method === method && route.pattern.test(path));

const resolve = (answer: DescribedAnswer): DescribedAnswer => {
  const name = answer.$ref?.split('/').at(-1);
  return name === undefined ? answer : (openApi.components.responses[name] ?? {});
};

const errorSchema = { $ref: '#/components/schemas/ApiError' };
/** Headers that a client is to understand; the others belong to HTTP. */
const meantForClients = /^(x-clear-|idempotent-replayed|retry-after|openai-poll-after-ms|x-request-id)/;

/** What of an answer the document does not describe, in words; nothing if all is well. */
export const undescribed = async (method: string, url: string, response: Response): Promise<string[]> => {
  const pathname = new URL(url).pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  const route = routeOf(method === 'HEAD' ? 'GET' : method, pathname);
  const { status } = response;
  if (method === 'OPTIONS' && status === 204) return [];
  if (!isForClients(pathname))
    return status < 400 || method === 'HEAD' ? [] : bodyProblems(errorSchema, response);
  if (route === undefined) {
    const isRefusal = [400, 401, 404, 405, 429].includes(status);
    if (isRefusal) return method === 'HEAD' ? [] : bodyProblems(errorSchema, response);
    return [`${method} ${pathname} answered ${status}`];
  }
  const described = route.operation.responses[status];
  if (described === undefined) return [`${route.operation.operationId} may not answer ${status}`];
  const { headers = {}, content } = resolve(described);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const strangers = [...response.headers.keys()].filter(
    (name) =>
      meantForClients.test(name) &&
      !names.includes(name) &&
      !(name === 'retry-after' && [429, 503].includes(status)),
  );
  const isEstimate = status === 200 && new URL(url).searchParams.get('estimate') === 'true';
  const schema = isEstimate ? route.operation['x-answer-to-estimate'] : content?.['application/json']?.schema;
  return [
    ...strangers.map((name) => `${route.operation.operationId} sends ${name}`),
    ...(schema !== undefined && (isEstimate || schema['$ref']) && method !== 'HEAD'
      ? await bodyProblems(schema, response)
      : []),
  ];
};

const bodyProblems = async (schema: Schema, response: Response): Promise<string[]> =>
  problemsOf(schema, await response.clone().json());

/** In what a value differs from a schema of the document; nothing more than it describes may be there. */
export const problemsOf = (schema: Schema, value: unknown): string[] => {
  const validate = validatorOf(schema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};
