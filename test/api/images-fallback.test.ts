import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { errorOf } from '../support/api.ts';
import { useImageStack } from '../support/images.ts';
import { providerFixtureNames, readProviderFixture } from '../support/provider-answers.ts';

const stack = useImageStack();
const gpt = 'openai/gpt-image-2.6-flare';
const gemini = 'google/gemini-nano-banana-2.1';
const grok = 'grok/grok-imagine-image';
const modelOf = { openai: gpt, google: gemini, xai: grok };
const failing = { status: 500, body: { error: { message: 'down', type: 'server_error', code: null } } };

const ask = (body: object) => stack.post({ model: gpt, prompt: 'a gate', route: 'fallback', ...body });
const fallbackHeaders = ({ headers }: Response) => ({
  level: headers.get('x-clear-fallback-level'),
  model: headers.get('x-clear-fallback-model'),
});

it('says that the first of the chain served', async () => {
  const answer = await ask({ models: [grok, gpt] });
  expect(answer.status).toBe(200);
  expect(fallbackHeaders(answer)).toEqual({ level: '0', model: null });
  expect(stack.xai.requests.at(-1)?.body['prompt']).toBe('a gate');
});

it.each([
  ['fails', failing],
  [
    'takes no more requests',
    { status: 429, body: { error: { message: 'slow down', code: 'rate_limit_exceeded' } } },
  ],
  ['has no budget left', { status: 429, body: { error: { message: 'quota', code: 'insufficient_quota' } } }],
  ['breaks the connection', 'reset' as const],
])('goes on to the next model when one %s', async (_what, reply) => {
  stack.openai.behave({ replies: [reply] });
  const answer = await ask({ models: [gpt, gemini] });
  expect(answer.status).toBe(200);
  expect(fallbackHeaders(answer)).toEqual({ level: '1', model: gemini });
});

/** A chain whose first model is answered by a fixture, and whose next one is another provider's. */
const askWithNext = (provider: keyof typeof modelOf, name: string) => {
  const { httpStatus: status, body } = readProviderFixture(provider, name);
  stack[provider].behave({ replies: [{ status, body: body as object }] });
  return ask({ models: [modelOf[provider], provider === 'xai' ? gpt : grok] });
};

const unpaid = (['openai', 'xai', 'google'] as const).flatMap((provider) =>
  providerFixtureNames(provider)
    .filter((name) => /quota|billing|credits|spending/.test(name))
    .map((name) => [provider, name] as const),
);

it.each(unpaid)('goes on where the account with %s is out of money: %s', async (provider, name) => {
  const answer = await askWithNext(provider, name);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-clear-fallback-level')).toBe('1');
});

it.each([
  ['openai', 'wrong-key'],
  ['xai', 'wrong-key'],
  ['xai', 'forbidden'],
  ['google', 'wrong-key'],
  ['google', 'permission-denied'],
] as const)('stops where the credentials for %s are refused: %s', async (provider, name) => {
  const answer = await askWithNext(provider, name);
  expect(answer.status).toBe(502);
});

it('names a model that gave no clear answer before another served: it may have charged, too', async () => {
  stack.openai.behave({ replies: ['reset'] });
  const answer = await ask({ models: [gpt, grok] });
  expect(answer.headers.get('x-clear-cost-usd')).toBe('0.02');
  const { warnings } = (await answer.json()) as { warnings: string[] };
  expect(warnings).toEqual([expect.stringMatching(`^${gpt} .* may have made and charged images too`)]);
});

it.each([
  [
    'the content was refused',
    { status: 400, body: { error: { message: 'no', code: 'moderation_blocked' } } },
    400,
  ],
  [
    'the values were refused',
    { status: 400, body: { error: { message: 'no', code: 'invalid_value' } } },
    400,
  ],
  [
    "the gateway's key was refused",
    { status: 401, body: { error: { message: 'no', code: 'invalid_api_key' } } },
    502,
  ],
])('stops when %s', async (_what, reply, status) => {
  stack.openai.behave({ replies: [reply] });
  const before = stack.countProviderCalls();
  expect((await ask({ models: [gpt, gemini] })).status).toBe(status);
  expect(stack.countProviderCalls() - before).toBe(1);
});

it('passes over models that are not to be had, and keeps their places', async () => {
  const answer = await ask({ models: ['openai/unknown', 'kling/kling-v3', grok] });
  expect(fallbackHeaders(answer)).toEqual({ level: '2', model: grok });
});

it('asks no more than five models', async () => {
  stack.openai.behave({ replies: [failing, failing, failing, failing, failing] });
  const before = stack.countProviderCalls();
  const answer = await ask({ models: [gpt, gpt, gpt, gpt, gpt, grok] });
  expect(answer.status).toBe(502);
  expect(stack.countProviderCalls() - before).toBe(5);
});

it.each<[string, object, string]>([
  ['without the route', { route: undefined, models: [grok] }, 'models'],
  ['with another route', { route: 'fallbck', models: [grok] }, 'models, route'],
  ['beside what extra_body may hold', { route: undefined, extra_body: { n: 3 } }, 'extra_body.n'],
  ['beyond the fifth', { models: [grok, grok, grok, grok, grok, gpt] }, 'models[5]'],
])('names what is not followed: models %s', async (_what, body, ignored) => {
  const answer = await ask(body);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-clear-ignored-fields')).toBe(ignored);
  const { warnings } = (await answer.json()) as { warnings: string[] };
  expect(warnings).toContainEqual(
    expect.stringMatching(/^\S.* was ignored: of route, models and extra_body/),
  );
});

it('forbids repetition when a model of the chain may have made the image', async () => {
  stack.openai.behave({ replies: ['reset', failing] });
  const answer = await ask({ models: [gpt, gpt] });
  expect(answer.status).toBe(502);
  expect(answer.headers.get('x-should-retry')).toBe('false');
});

it.each([
  ['is busy', { status: 429, body: { error: { message: 'slow down', code: 'rate_limit_exceeded' } } }, 502],
  ['refuses', { status: 400, body: { error: { message: 'no', code: 'moderation_blocked' } } }, 400],
])('says that a model may have made the image also where the next one %s', async (_what, reply, status) => {
  stack.openai.behave({ replies: ['reset', reply] });
  const answer = await ask({ models: [gpt, gpt] });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('retry-after')).toBeNull();
  expect(answer.headers.get('x-should-retry')).toBe('false');
  expect((await errorOf(answer)).message).toContain('may have been made and charged');
});

it.each([
  ['another route', { models: [grok], route: 'cheapest' }],
  ['no route', { models: [grok], route: undefined }],
  ['no models', { models: [] }],
])('is not used with %s', async (_what, change) => {
  const answer = await ask(change);
  expect(answer.status).toBe(200);
  expect(fallbackHeaders(answer)).toEqual({ level: null, model: null });
  expect(stack.openai.requests.at(-1)?.body['model']).toBe('gpt-image-2.6-flare');
});

it('may stand in extra_body, as the openai package for Node sends it', async () => {
  const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries: 0 });
  const body = { model: gpt, prompt: 'a gate', extra_body: { models: [grok], route: 'fallback' } };
  const { response } = await client.images.generate(body).withResponse();
  expect(fallbackHeaders(response)).toEqual({ level: '0', model: null });
  expect(stack.xai.requests.at(-1)?.body['model']).toBe('grok-imagine-image');
});

it('refuses a list that is none', async () => {
  expect((await ask({ models: 'all' })).status).toBe(400);
});
