import type { ApiContext } from '../context.ts';
import type { ConsoleDependencies } from './get-console.ts';

type Place = { path: string; what: string };

const consolePlace: Place = {
  path: '/console',
  what: 'the console: see your tasks and callbacks, and try a model, in a browser',
};
const places: readonly Place[] = [
  { path: '/openapi.json', what: 'every route, field and answer, as an OpenAPI document' },
  { path: '/healthz', what: 'whether the gateway answers' },
  { path: '/v1/models', what: 'what can be made here; needs a key, like everything under /v1' },
];

const name = 'ClearMaas Gateway';
const about =
  'Videos and images from several providers behind one API: a video task is accepted at once, and your callback URL is told when it has ended.';
const keys =
  'Calls carry "Authorization: Bearer sk-clearmaas-…". On one machine "npm start" prints a key; on AWS "npm run keys -- create" makes one, and with "--test" one that needs no provider and costs nothing.';

const pageOf = (places: readonly Place[]) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
</style>
<h1>${name}</h1>
<p>${about}</p>
<ul>
${places.map(({ path, what }) => `  <li><a href="${path}">${path}</a>: ${what}</li>`).join('\n')}
</ul>
<p>${keys.replaceAll('"', '&quot;')}</p>
</html>
`;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

/** `GET /`: says what this is and where to go, to a person or to a program. */
export const createGetHome = ({ consoleFolder }: ConsoleDependencies) => {
  const shown = consoleFolder === undefined ? places : [consolePlace, ...places];
  const page = pageOf(shown);
  return (c: ApiContext): Response => {
    c.header('vary', 'accept');
    if (c.req.header('accept')?.includes('text/html')) return c.body(page, 200, headers);
    return c.json({
      name,
      about,
      keys,
      links: Object.fromEntries(shown.map(({ path, what }) => [path, what])),
    });
  };
};
