import type { Registry } from '../../providers/registry.ts';
import type { ApiContext } from '../context.ts';

/** `GET /openapi.json`. The code that makes the document is loaded with the first request for it. */
export const createGetOpenApi = ({ registry }: { registry: Registry }) => {
  let text: string | undefined;
  return async (c: ApiContext): Promise<Response> => {
    const { openApiText } = await import('../openapi/document.ts');
    text ??= openApiText(registry);
    return c.body(text, 200, { 'content-type': 'application/json' });
  };
};
