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
  const known = routes
    .filter(({ method }) => method !== 'ALL')
    .map((route) => ({ path: route.path, segments: segmentsOf(route.path) }));
  const wanted = segmentsOf(path);
  const equalIn = (segments: readonly string[]) =>
    segments.filter((segment, at) => segment === wanted[at]).length;
  const [nearest] = known
    .filter(({ segments }) => segments.length > 0 && areNear(wanted, segments))
    .toSorted(
      ({ segments: one }, { segments: other }) => equalIn(other) - equalIn(one) || other.length - one.length,
    );
  const meant = nearest ?? known.find((route) => wanted.length > 0 && route.path.startsWith(`${path}/`));
  return meant?.path.replace(/:(\w+)(\{\.\+\})?/g, '{$1}');
};

/** Without the `/v1` that nearly all have, which says nothing about which one was meant. */
const segmentsOf = (path: string): string[] =>
  path
    .replace(/^\/v1(?=\/|$)/i, '')
    .split('/')
    .filter(Boolean);

/** Whether an address is one of that pattern, but for its spelling and for what follows. */
const areNear = (wanted: readonly string[], pattern: readonly string[]): boolean =>
  pattern.length <= wanted.length &&
  pattern.every(
    (segment, at) => segment.startsWith(':') || nearestWord(wanted[at] ?? '', [segment]) !== undefined,
  );

/** `/a/:b` matches any one segment in place of `:b`; `/a/:b{.+}` the rest of the path. */
const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/:\w+\{\.\+\}/g, '.+').replace(/:\w+/g, '[^/]+')}$`);
