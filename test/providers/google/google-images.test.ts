import { describe, expect, it } from 'vitest';
import { createGoogleImages } from '../../../lib/providers/google/google-images.ts';
import {
  answeringHttp,
  madeBy,
  networkError,
  openNothing,
  providerFixtureNames,
  readProviderFixture,
} from '../../support/provider-answers.ts';

const anOrder = (n: number) => ({ upstreamId: 'gemini-3-pro-image', n, parameters: { contents: [] } });
const generate = (...answers: Parameters<typeof answeringHttp>) => {
  const { http, sent } = answeringHttp(...answers);
  const provider = createGoogleImages({
    baseUrl: 'https://google.test/v1beta',
    apiKey: 'AIza-test',
    http,
    openLink: openNothing,
  });
  return { outcome: provider.generate(anOrder(answers.length)), sent };
};
const fixture = (name: string) => readProviderFixture('google', name);

it('asks once for each image, with the key in a header', async () => {
  const { outcome, sent } = generate(fixture('generated'), fixture('generated'));
  await outcome;
  expect(sent.map(({ url }) => url)).toEqual([
    'https://google.test/v1beta/models/gemini-3-pro-image:generateContent',
    'https://google.test/v1beta/models/gemini-3-pro-image:generateContent',
  ]);
  expect(sent[0]?.headers.get('x-goog-api-key')).toBe('AIza-test');
});

it('adds up what the calls made and counted', async () => {
  const { images, usage } = madeBy(await generate(fixture('generated'), fixture('generated')).outcome);
  expect(images.map(({ base64 }) => Buffer.from(base64, 'base64').toString('latin1', 1, 4))).toEqual([
    'PNG',
    'PNG',
  ]);
  expect(usage).toEqual({
    input_tokens: 14,
    input_tokens_details: { text_tokens: 14, image_tokens: 0 },
    output_tokens: 2_580,
    total_tokens: 2_594,
  });
});

const expected: Record<string, object> = {
  generated: { status: 'made' },
  'prompt-blocked': {
    status: 'refused',
    moderation: true,
    reason: expect.stringContaining('PROHIBITED_CONTENT'),
  },
  'image-safety': { status: 'refused', moderation: true, reason: expect.stringContaining('IMAGE_SAFETY') },
  'image-prohibited-content': { status: 'refused', moderation: true },
  'image-recitation': { status: 'refused', moderation: true },
  'image-other': { status: 'refused', moderation: true },
  'prohibited-content': { status: 'refused', moderation: true },
  safety: { status: 'refused', moderation: true },
  'words-only': { status: 'refused', moderation: false },
  'no-image': { status: 'refused', moderation: false },
  'invalid-argument': { status: 'refused', moderation: false },
  'wrong-key': { status: 'operator-fault' },
  'no-billing': { status: 'operator-fault', exhausted: true },
  'credits-used-up': { status: 'operator-fault', exhausted: true },
  'spending-cap': { status: 'operator-fault', exhausted: true },
  'billing-disabled': { status: 'operator-fault', exhausted: true },
  'permission-denied': { status: 'operator-fault' },
  'unknown-model': { status: 'model-gone' },
  'rate-limit': { status: 'busy', retryAfterSeconds: 33 },
  internal: { status: 'failed' },
  unavailable: { status: 'failed' },
  'deadline-exceeded': { status: 'unclear' },
};

it.each(providerFixtureNames('google'))('knows whose fault it is: %s', async (name) => {
  const outcome = await generate(fixture(name)).outcome;
  expect(outcome).toMatchObject(expected[name] ?? { status: 'a fixture that this table lacks' });
});

const drawn = (text: string) => ({
  inlineData: { mimeType: 'image/png', data: Buffer.from(text).toString('base64') },
});
const withParts = (parts: unknown, finishReason = 'STOP') => ({
  httpStatus: 200,
  body: { candidates: [{ content: { parts }, finishReason }] },
});

it.each([
  ['after a draft', [{ thought: true, ...drawn('draft') }, drawn('final')]],
  ['after thoughts in words', [{ thought: true, text: 'hm' }, { text: 'Here it is:' }, drawn('final')]],
  ['before a draft', [drawn('final'), { thought: true, ...drawn('draft') }]],
  ['with a signature', [{ thoughtSignature: 'x'.repeat(1_000), ...drawn('final') }]],
])('gives the final picture that comes %s', async (_where, parts) => {
  const { images } = madeBy(await generate(withParts(parts)).outcome);
  expect(images.map(({ base64 }) => Buffer.from(base64, 'base64').toString())).toEqual(['final']);
});

it.each([
  ['drafts alone', withParts([{ thought: true, ...drawn('draft') }], 'IMAGE_SAFETY'), 'refused'],
  ['an end that nobody knows', withParts([], 'SOLAR_FLARE'), 'unclear'],
  ['no end', { httpStatus: 200, body: { candidates: [{ content: {} }] } }, 'unclear'],
  ['no candidates', { httpStatus: 200, body: { candidates: [] } }, 'unclear'],
  ['parts that are no list', withParts('x', ''), 'unclear'],
  ['an error with HTTP 200', { httpStatus: 200, body: { error: { code: 500, message: 'x' } } }, 'failed'],
  ['a page with HTTP 200', { httpStatus: 200, body: '<html>' }, 'unclear'],
  ['a page with HTTP 400', { httpStatus: 400, body: '<html>' }, 'failed'],
  ['a page with HTTP 503', { httpStatus: 503, body: '<html>' }, 'failed'],
  ['a page with HTTP 429', { httpStatus: 429, body: '<html>' }, 'busy'],
])('makes of %s what it is', async (_what, answer, status) => {
  expect((await generate(answer).outcome).status).toBe(status);
});

describe('several calls', () => {
  it.each(['image-safety', 'rate-limit', 'unavailable', 'wrong-key'])(
    'give what was made when one of them ends with %s',
    async (name) => {
      const outcome = await generate(fixture('generated'), fixture(name), fixture('generated')).outcome;
      expect(outcome).toMatchObject({ status: 'made' });
      expect(madeBy(outcome).images).toHaveLength(2);
    },
  );

  it('report what the caller can change before what passes', async () => {
    const outcome = await generate(fixture('rate-limit'), fixture('image-safety'), fixture('unavailable'))
      .outcome;
    expect(outcome.status).toBe('refused');
  });

  it('report a lost answer before one that may be asked for again', async () => {
    const outcome = await generate(fixture('unavailable'), networkError('ECONNRESET')).outcome;
    expect(outcome.status).toBe('unclear');
  });
});
