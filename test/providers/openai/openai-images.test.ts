import { expect, it } from 'vitest';
import { createHttpClient } from '../../../lib/providers/http/client.ts';
import type { MadeImage, OpenLink } from '../../../lib/providers/image-provider.ts';
import { createOpenAiImages } from '../../../lib/providers/openai/openai-images.ts';
import { startAnsweringServer } from '../../support/answering-server.ts';
import {
  answeringHttp,
  madeBy,
  networkError,
  openNothing,
  providerFixtureNames,
  readProviderFixture,
} from '../../support/provider-answers.ts';

const order = {
  upstreamId: 'gpt-image-2',
  n: 1,
  parameters: { model: 'gpt-image-2', prompt: 'a mill', n: 1 },
};
const opened: string[] = [];
const openLink: OpenLink = async (link) => {
  opened.push(link);
  if (link.includes('gone')) throw new Error('HTTP 404');
  return inPieces('linked');
};
async function* inPieces(text: string) {
  for (const character of text) yield Buffer.from(character);
}
const startOf = ({ base64 }: MadeImage) => Buffer.from(base64, 'base64').toString('latin1', 1, 4);
const textOf = ({ base64 }: MadeImage) => Buffer.from(base64, 'base64').toString();

const generate = (...answers: Parameters<typeof answeringHttp>) => {
  const { http, sent } = answeringHttp(...answers);
  const provider = createOpenAiImages({
    baseUrl: 'https://openai.test/v1',
    apiKey: 'sk-test',
    http,
    openLink,
  });
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
  const { images, usage, drawnAs } = madeBy(
    await generate(readProviderFixture('openai', 'generated')).outcome,
  );
  expect(images.map(startOf)).toEqual(['PNG']);
  expect(usage).toEqual({
    input_tokens: 50,
    input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    output_tokens: 50,
    total_tokens: 100,
  });
  expect(drawnAs).toEqual({ size: '1024x1024', quality: 'high', background: 'opaque', output_format: 'png' });
});

const expected: Record<string, object> = {
  generated: { status: 'made' },
  'no-image': { status: 'unclear' },
  'moderation-blocked': { status: 'refused', moderation: true },
  'unknown-parameter': { status: 'refused', moderation: false },
  'wrong-key': { status: 'operator-fault' },
  'rate-limit': { status: 'busy', retryAfterSeconds: 12 },
  'no-quota': { status: 'operator-fault', exhausted: true },
  'billing-limit': { status: 'operator-fault', exhausted: true },
  'billing-not-active': { status: 'operator-fault', exhausted: true },
  'no-country': { status: 'operator-fault' },
  'retired-model': { status: 'model-gone' },
  'server-error': { status: 'failed' },
  overloaded: { status: 'failed' },
};

it.each(providerFixtureNames('openai'))('knows whose fault it is: %s', async (name) => {
  const outcome = await generate(readProviderFixture('openai', name)).outcome;
  expect(outcome).toMatchObject(expected[name] ?? { status: 'a fixture that this table lacks' });
});

const hello = Buffer.from('hello').toString('base64');
const withData = (...data: unknown[]) => ({ httpStatus: 200, body: { data } });

it.each([
  ['base64', { b64_json: hello }, 'hello'],
  ['base64 as a data: URL', { b64_json: `data:image/png;base64,${hello}` }, 'hello'],
  ['a data: URL in the place of a link', { url: `data:image/webp;base64,${hello}` }, 'hello'],
  ['a link', { url: 'https://cdn.example/a.png?signature=x' }, 'linked'],
  ['a link beside an empty b64_json', { b64_json: '', url: 'https://cdn.example/a.png' }, 'linked'],
])('takes %s for an image, as compatible upstreams answer it', async (_form, item, text) => {
  const outcome = madeBy(await generate(withData({ ...item, revised_prompt: 'a red mill' })).outcome);
  expect(outcome.images.map(textOf)).toEqual([text]);
  expect(outcome.images[0].revisedPrompt).toBe('a red mill');
});

it.each([
  'file:///etc/passwd',
  'http://cdn.example/a.png',
  'https://127.0.0.1/a.png',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/a.png',
  'https://10.0.0.7/a.png',
  'https://localhost/a.png',
  'https://metadata.google.internal/',
  'https://user:word@cdn.example/a.png',
  'javascript:alert(1)',
  'a.png',
])('does not open %s, and finds the answer unusable', async (url) => {
  opened.length = 0;
  expect(await generate(withData({ url })).outcome).toMatchObject({ status: 'unclear' });
  expect(opened).toEqual([]);
});

it('gives the images that could be had of an answer', async () => {
  const answer = withData({ url: 'https://cdn.example/gone.png' }, { b64_json: hello }, null, {}, 'x');
  expect(madeBy(await generate(answer).outcome).images.map(textOf)).toEqual(['hello']);
  expect(await generate(withData({ url: 'https://cdn.example/gone.png' })).outcome).toMatchObject({
    status: 'unclear',
  });
});

const withError = (error: unknown, httpStatus = 200) => ({ httpStatus, body: { error } });

it.each([
  ['an error with HTTP 200', withError({ message: 'upstream is full', type: 'server_error' }), 'failed'],
  ['an error as text with HTTP 200', withError('no channel available'), 'failed'],
  ['a spent quota with HTTP 200', withError({ code: 'insufficient_quota' }), 'operator-fault'],
  ['refused content with HTTP 200', withError({ code: 'moderation_blocked', message: 'no' }), 'refused'],
  ['an unknown model with HTTP 200', withError({ code: 'model_not_found' }), 'model-gone'],
  ['no images in the list', withData(), 'unclear'],
  ['an item without an image', withData({ revised_prompt: 'x' }), 'unclear'],
  ['a list of something else', withData(1, null, 'x', []), 'unclear'],
  ['data that is no list', { httpStatus: 200, body: { data: { b64_json: hello } } }, 'unclear'],
  ['a page with HTTP 200', { httpStatus: 200, body: '<html>' }, 'unclear'],
  ['half of its JSON', { httpStatus: 200, body: '{"data":[{"b64_json":"aGVs' }, 'unclear'],
  ['a list', { httpStatus: 200, body: [] }, 'unclear'],
  ['nothing', { httpStatus: 200, body: '' }, 'unclear'],
  ['HTTP 202', { httpStatus: 202, body: {} }, 'unclear'],
  ['a redirect', { httpStatus: 302, body: '' }, 'failed'],
  ['a page with HTTP 400', { httpStatus: 400, body: '<html>' }, 'failed'],
  ['HTTP 422 without words', { httpStatus: 422, body: {} }, 'failed'],
  ['a page with HTTP 401', { httpStatus: 401, body: '<html>' }, 'operator-fault'],
  ['a page with HTTP 418', { httpStatus: 418, body: '<html>' }, 'failed'],
  ['a page with HTTP 502', { httpStatus: 502, body: '<html>' }, 'failed'],
  ['a page with HTTP 504', { httpStatus: 504, body: '<html>' }, 'unclear'],
])('does not blame the caller for %s', async (_what, answer, status) => {
  expect((await generate(answer).outcome).status).toBe(status);
});

it.each([
  ['an answer without usage', { data: [{ b64_json: hello }] }, undefined],
  [
    'usage without details',
    { data: [{ b64_json: hello }], usage: { total_tokens: 9, input_tokens: 4 } },
    {
      input_tokens: 4,
      input_tokens_details: { text_tokens: 4, image_tokens: 0 },
      output_tokens: 5,
      total_tokens: 9,
    },
  ],
  ['usage of another kind', { data: [{ b64_json: hello }], usage: 'a lot', size: 7 }, undefined],
])('reads %s', async (_what, body, usage) => {
  const made = madeBy(await generate({ httpStatus: 200, body }).outcome);
  expect(made.usage).toEqual(usage);
  expect(made.drawnAs).toEqual({});
});

it('gives up an answer that is longer than an image can be', async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.alloc(1_000_000, 'a')),
  });
  const http = createHttpClient(async () => new Response(endless));
  const provider = createOpenAiImages({ baseUrl: 'https://openai.test/v1', apiKey: 'k', http, openLink });
  expect(await provider.generate(order)).toEqual({
    status: 'unclear',
    detail: 'answer unreadable: longer than 32000000 bytes',
  });
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

it('gives up at the deadline', async () => {
  const server = await startAnsweringServer();
  server.answer('no response');
  const provider = createOpenAiImages({
    baseUrl: server.url,
    apiKey: 'k',
    http: createHttpClient(fetch),
    openLink: openNothing,
  });
  expect(await provider.generate({ ...order, deadlineMs: 20 })).toEqual({
    status: 'unclear',
    detail: 'answer lost: it took too long',
  });
  await server.close();
});
