import type { RouterRoute } from 'hono/types';
import { getPath } from 'hono/utils/url';
import { nearestWord } from '../nearest.ts';

/** A slash too many, at the end or anywhere, still means the same route. */
export const tidyPath = (request: Request): string =>
  getPath(request)
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');

export const methodsAt = (routes: readonly RouterRoute[], path: string): string[] =>
  routes
    .filter((route) => route.method !== 'ALL' && pathPattern(route.path).test(path))
    .map(({ method }) => method);

/** The address that was probably meant by one that leads nowhere: most often, a base URL lacks its `/v1`. */
export const nearestPath = (routes: readonly RouterRoute[], path: string): string | undefined => {
  if (methodsAt(routes, `/v1${path}`).length > 0) return `/v1${path}`;
  const paths = routes.filter(({ method }) => method !== 'ALL').map((route) => route.path);
  const wanted = withoutBase(path.replace(/task_\w+/g, ':task_id'));
  const near = nearestWord(wanted, paths.map(withoutBase));
  const meant =
    paths.find((known) => withoutBase(known) === near) ??
    paths.find((known) => wanted !== '' && known.startsWith(`${path}/`));
  return meant?.replace(/:(\w+)(\{\.\+\})?/g, '{$1}');
};

/** What nearly all addresses begin with says nothing about which one was meant. */
const withoutBase = (path: string): string => path.replace(/^\/v1(?=\/|$)/i, '');

/** `/a/:b` matches any one segment in place of `:b`; `/a/:b{.+}` the rest of the path. */
const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/:\w+\{\.\+\}/g, '.+').replace(/:\w+/g, '[^/]+')}$`);
