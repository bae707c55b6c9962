import { describe, expect, it } from 'vitest';
import { createGoogleImages } from '../../../lib/providers/google/google-images.ts';
import {
  answeringFetch,
  networkError,
  providerFixtureNames,
  readMade,
  readProviderFixture,
} from '../../support/provider-answers.ts';

const anOrder = (n: number) => ({ upstreamId: 'gemini-3-pro-image', n, parameters: { contents: [] } });
const generate = (...answers: Parameters<typeof answeringFetch>) => {
  const { fetch, sent } = answeringFetch(...answers);
  const provider = createGoogleImages({ baseUrl: 'https://google.test/v1beta', apiKey: 'AIza-test', fetch });
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
  const { images, usage } = await readMade(
    await generate(fixture('generated'), fixture('generated')).outcome,
  );
  expect(images.map(({ bytes }) => bytes.subarray(1, 4).toString())).toEqual(['PNG', 'PNG']);
  expect(usage).toEqual({ input_tokens: 14, output_tokens: 2_580, total_tokens: 2_594 });
});

const expected: Record<string, object> = {
  generated: { status: 'made', count: 1 },
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
  'no-billing': { status: 'operator-fault' },
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

describe('several calls', () => {
  it.each(['image-safety', 'rate-limit', 'unavailable', 'wrong-key'])(
    'give what was made when one of them ends with %s',
    async (name) => {
      const outcome = await generate(fixture('generated'), fixture(name), fixture('generated')).outcome;
      expect(outcome).toMatchObject({ status: 'made', count: 2 });
      expect((await readMade(outcome)).images).toHaveLength(2);
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
