import type { Registry } from '../../providers/registry.ts';
import type { ApiContext } from '../context.ts';

/** `GET /openapi.json`. Only who asks for the document pays for the code that makes it. */
export const createGetOpenApi = ({ registry }: { registry: Registry }) => {
  let text: string | undefined;
  return async (c: ApiContext): Promise<Response> => {
    const { openApiText } = await import('../openapi/document.ts');
    text ??= openApiText(registry);
    return c.body(text, 200, { 'content-type': 'application/json' });
  };
};
