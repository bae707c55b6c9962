import { readdirSync, readFileSync } from 'node:fs';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { ImageOutcome, MadeImages, OpenLink } from '../../lib/providers/image-provider.ts';

export type ProviderFixture = { httpStatus: number; headers?: Record<string, string>; body: unknown };

const folderOf = (provider: string) => new URL(`../fixtures/${provider}/`, import.meta.url);

/** What a provider documents to answer, from `test/fixtures`. */
export const readProviderFixture = (provider: string, name: string): ProviderFixture =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folderOf(provider)), 'utf8'));

export const providerFixtureNames = (provider: string): string[] =>
  readdirSync(folderOf(provider)).map((file) => file.replace('.json', ''));

type SentRequest = { url: string; headers: Headers; body: unknown };

/** A client whose provider answers with these, in turn, and remembers what it was asked. */
export const answeringHttp = (...answers: (ProviderFixture | Error)[]) => {
  const sent: SentRequest[] = [];
  const fetch = (async (url, init) => {
    const answer = answers[sent.length];
    sent.push({
      url: String(url),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    });
    if (answer === undefined) throw new Error('nothing is prepared for this call');
    if (answer instanceof Error) throw answer;
    return new Response(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body), {
      status: answer.httpStatus,
      ...(answer.headers && { headers: answer.headers }),
    });
  }) as typeof globalThis.fetch;
  return { http: createHttpClient(fetch), sent };
};

/** Where no link is to be opened. */
export const openNothing: OpenLink = (link) => Promise.reject(new Error(`${link} was opened`));

/** What was made, if anything was. */
export const madeBy = (outcome: ImageOutcome): MadeImages => {
  if (outcome.status !== 'made') throw new Error(`nothing was made: ${outcome.status}`);
  return outcome;
};

/** How `fetch` fails when the network does. */
export const networkError = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
