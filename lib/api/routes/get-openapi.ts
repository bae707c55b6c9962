import type { ApiContext } from '../context.ts';

/** `GET /openapi.json`. Only who asks for the document pays for the code that makes it. */
export const getOpenApi = async (c: ApiContext): Promise<Response> => {
  const { openApiText } = await import('../openapi/document.ts');
  return c.body(openApiText(), 200, { 'content-type': 'application/json' });
};
