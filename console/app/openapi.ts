/** What a gateway offers, read from its own OpenAPI document: an older or a newer one shows what it has. */

export type Schema = {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  description?: string;
};

type Operation = {
  /** Those that stand elsewhere have no name here. */
  parameters?: { name?: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

export type Features = {
  hasUsage: boolean;
  canEstimate: boolean;
  canFilterByTime: boolean;
  canRecover: boolean;
  /** The fields of a request that makes something of this kind. */
  requestSchema(kind: 'video' | 'image'): Schema | undefined;
};

export const createPaths = { video: '/video/generations', image: '/images/generations' } as const;

export const readFeatures = ({ paths, components }: OpenApi): Features => {
  const takes = (path: string, method: string, name: string): boolean =>
    paths[path]?.[method]?.parameters?.some((parameter) => parameter.name === name) ?? false;
  return {
    hasUsage: paths['/usage'] !== undefined,
    canEstimate: takes(createPaths.video, 'post', 'estimate'),
    canFilterByTime: takes(createPaths.video, 'get', 'since'),
    canRecover: paths['/callbacks/recover'] !== undefined,
    requestSchema(kind) {
      const content = paths[createPaths[kind]]?.['post']?.requestBody?.content;
      const schema = content?.['application/json']?.schema;
      const name = schema?.$ref?.split('/').at(-1);
      return name === undefined ? schema : components.schemas[name];
    },
  };
};
