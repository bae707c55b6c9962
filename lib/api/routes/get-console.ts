import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiContext } from '../context.ts';
import { answerNotFound } from '../error-envelope.ts';

export type ConsoleDependencies = {
  /** Where the page's files are. Absent: there is no console. */
  consoleFolder?: string;
};

const fileName = /^[a-z]+-[0-9a-f]{12}\.(?<ending>js|css|svg)$/;

const mediaTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
};

/** Results lie with a provider or in S3, so pictures and videos may come from any https address. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' https: blob:",
  "media-src 'self' https: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};
/** A name holds the hash of its content. */
const fileHeaders = { 'cache-control': 'public, max-age=31536000, immutable' };

const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** `GET /console` and the files that it names. Nothing is read before it is asked for. */
export const createGetConsole = (consoleFolder: string) => {
  const answer = async (c: ApiContext, name: string, ending: string, headers: Record<string, string>) => {
    const encoding = encodings.find(({ name }) => accepts(c.req.header('accept-encoding'), name));
    const content = await readIfThere(join(consoleFolder, `${name}${encoding?.suffix ?? ''}`));
    if (content === undefined) return answerNotFound(c);
    return c.body(content, 200, {
      ...headers,
      'content-type': mediaTypes[ending] ?? 'application/octet-stream',
      vary: 'accept-encoding',
      ...(encoding && { 'content-encoding': encoding.name }),
    });
  };

  return async (c: ApiContext): Promise<Response> => {
    const file = c.req.param('file');
    if (file === undefined) return answer(c, 'index.html', 'html', pageHeaders);
    const ending = fileName.exec(file)?.groups?.['ending'];
    return ending === undefined ? answerNotFound(c) : answer(c, file, ending, fileHeaders);
  };
};

const readIfThere = async (path: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whether a client takes an encoding; one of quality 0 it does not. */
const accepts = (header: string | undefined, encoding: string): boolean =>
  (header ?? '').split(',').some((part) => {
    const [name, quality] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === encoding && !/^q=0(\.0*)?$/.test(quality ?? '');
  });
