import type { RouterRoute } from 'hono/types';
import { getPath } from 'hono/utils/url';

/** A slash too many, at the end or anywhere, still means the same route. */
export const tidyPath = (request: Request): string =>
  getPath(request)
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');

/** The methods of the routes at a path. */
export const methodsAt = (routes: readonly RouterRoute[], path: string): string[] =>
  routes
    .filter((route) => route.method !== 'ALL' && pathPattern(route.path).test(path))
    .map(({ method }) => method);

/** `/a/:b` matches any one segment in place of `:b`; `/a/:b{.+}` the rest of the path. */
const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/:\w+\{\.\+\}/g, '.+').replace(/:\w+/g, '[^/]+')}$`);
