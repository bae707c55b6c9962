import { expect, it } from 'vitest';
import { createProviderFetch } from '../../../lib/providers/images/provider-fetch.ts';
import { createOpenAiImages } from '../../../lib/providers/openai/openai-images.ts';
import { startAnsweringServer } from '../../support/answering-server.ts';
import {
  answeringFetch,
  networkError,
  providerFixtureNames,
  readMade,
  readProviderFixture,
} from '../../support/provider-answers.ts';

const order = {
  upstreamId: 'gpt-image-2',
  n: 1,
  parameters: { model: 'gpt-image-2', prompt: 'a mill', n: 1 },
};
const generate = (...answers: Parameters<typeof answeringFetch>) => {
  const { fetch, sent } = answeringFetch(...answers);
  const provider = createOpenAiImages({ baseUrl: 'https://openai.test/v1', apiKey: 'sk-test', fetch });
  return { outcome: provider.generate(order), sent };
};

it('sends the order as it stands', async () => {
  const { outcome, sent } = generate(readProviderFixture('openai', 'generated'));
  await outcome;
  expect(sent[0]?.url).toBe('https://openai.test/v1/images/generations');
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer sk-test');
  expect(sent[0]?.body).toEqual(order.parameters);
});

it('reads the image and what was counted', async () => {
  const { images, usage } = await readMade(
    await generate(readProviderFixture('openai', 'generated')).outcome,
  );
  expect(images.map(({ bytes }) => bytes.subarray(1, 4).toString())).toEqual(['PNG']);
  expect(usage).toEqual({ input_tokens: 50, output_tokens: 50, total_tokens: 100 });
});

const expected: Record<string, object> = {
  generated: { status: 'made' },
  'no-image': { status: 'refused', moderation: true },
  'moderation-blocked': { status: 'refused', moderation: true },
  'unknown-parameter': { status: 'refused', moderation: false },
  'wrong-key': { status: 'operator-fault' },
  'rate-limit': { status: 'busy', retryAfterSeconds: 12 },
  'no-quota': { status: 'operator-fault', exhausted: true },
  'billing-limit': { status: 'operator-fault' },
  'no-country': { status: 'operator-fault' },
  'retired-model': { status: 'model-gone' },
  'server-error': { status: 'failed' },
  overloaded: { status: 'failed' },
};

it.each(providerFixtureNames('openai'))('knows whose fault it is: %s', async (name) => {
  const outcome = await generate(readProviderFixture('openai', name)).outcome;
  expect(outcome).toMatchObject(expected[name] ?? { status: 'a fixture that this table lacks' });
});

it('names the category of refused content, and nothing of the provider', async () => {
  const outcome = await generate(readProviderFixture('openai', 'moderation-blocked')).outcome;
  expect(outcome).toMatchObject({ reason: expect.stringContaining('(violence)') });
  expect(JSON.stringify(outcome)).not.toMatch(/063f708f|openai\.com/);
});

it.each([
  ['ECONNREFUSED', 'failed'],
  ['ENOTFOUND', 'failed'],
  ['ECONNRESET', 'unclear'],
  ['UND_ERR_HEADERS_TIMEOUT', 'unclear'],
])('tells by %s whether the order may have arrived', async (code, status) => {
  expect((await generate(networkError(code)).outcome).status).toBe(status);
});

it('takes an answer that is no JSON for a lost one', async () => {
  const { fetch } = answeringFetch();
  const html = (async () => new Response('<html>')) as typeof fetch;
  const provider = createOpenAiImages({ baseUrl: 'https://openai.test/v1', apiKey: 'sk-test', fetch: html });
  expect((await provider.generate(order)).status).toBe('unclear');
});

it('gives up at the deadline', async () => {
  const server = await startAnsweringServer();
  server.answer('silence');
  const provider = createOpenAiImages({
    baseUrl: server.url,
    apiKey: 'k',
    fetch: createProviderFetch(),
    deadlineMs: 20,
  });
  expect(await provider.generate(order)).toMatchObject({
    status: 'unclear',
    detail: expect.stringContaining('Timeout'),
  });
  await server.close();
});
