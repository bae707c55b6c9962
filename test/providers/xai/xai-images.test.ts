import { expect, it } from 'vitest';
import type { ImageRequest } from '../../../lib/providers/image-provider.ts';
import { xaiModels } from '../../../lib/providers/xai/models.ts';
import { planXai } from '../../../lib/providers/xai/plan.ts';
import { createXaiImages } from '../../../lib/providers/xai/xai-images.ts';
import {
  answeringHttp,
  madeBy,
  openNothing,
  type ProviderFixture,
  providerFixtureNames,
  readProviderFixture,
} from '../../support/provider-answers.ts';

const order = { upstreamId: 'grok-imagine-image', n: 1, parameters: { prompt: 'a mill' } };
const answering = (answer: ProviderFixture) => {
  const { http } = answeringHttp(answer);
  const account = { baseUrl: 'https://xai.test/v1', apiKey: 'xai-test', http, openLink: openNothing };
  return createXaiImages(account).generate(order);
};
const generate = (name: string) => answering(readProviderFixture('xai', name));

it('reads the image and what was made of the prompt', async () => {
  const { images } = madeBy(await generate('generated'));
  expect(images[0].revisedPrompt).toBe('A collage of London landmarks');
  const { images: plain } = madeBy(await generate('generated-without-revision'));
  expect(plain[0].revisedPrompt).toBeUndefined();
});

const expected: Record<string, object> = {
  generated: { status: 'made' },
  'generated-without-revision': { status: 'made' },
  'silent-moderation': { status: 'refused', moderation: true },
  'silent-moderation-of-one': { status: 'refused', moderation: true },
  'content-moderation': { status: 'refused', moderation: true },
  'argument-not-supported': { status: 'refused', moderation: false },
  'unreadable-body': { status: 'refused', moderation: false },
  'wrong-key': { status: 'operator-fault' },
  'no-credits': { status: 'operator-fault', exhausted: true },
  'credits-used-up': { status: 'operator-fault', exhausted: true },
  'spending-limit': { status: 'operator-fault', exhausted: true },
  forbidden: { status: 'operator-fault' },
  'unknown-model': { status: 'model-gone' },
  'rate-limit': { status: 'busy' },
  'server-error': { status: 'failed' },
};

it.each(providerFixtureNames('xai'))('knows whose fault it is: %s', async (name) => {
  expect(await generate(name)).toMatchObject(expected[name] ?? { status: 'a fixture that this table lacks' });
});

it.each([
  ['no list', { httpStatus: 200, body: {} }, 'unclear'],
  ['an error with HTTP 200', { httpStatus: 200, body: { error: 'Internal error' } }, 'failed'],
  ['a page with HTTP 200', { httpStatus: 200, body: '<html>' }, 'unclear'],
  ['a page with HTTP 400', { httpStatus: 400, body: '<html>' }, 'failed'],
  ['a page with HTTP 503', { httpStatus: 503, body: '<html>' }, 'failed'],
  ['a link to a file', { httpStatus: 200, body: { data: [{ url: 'file:///etc/passwd' }] } }, 'unclear'],
])('does not blame the caller for %s', async (_what, answer, status) => {
  expect((await answering(answer)).status).toBe(status);
});

const planFor = (request: Partial<ImageRequest>, id = 'grok/grok-imagine-image') => {
  const model = xaiModels.find((candidate) => candidate.id === id);
  if (model === undefined) throw new Error(`${id} is not a model of xAI`);
  const plan = planXai({ prompt: 'a mill', n: 1, ...request }, model);
  return plan.possible ? plan.order.parameters : plan;
};

it('asks for bytes, and never with a size or a style', () => {
  expect(planFor({ size: { width: 1024, height: 1792 }, user: 'u', n: 4 })).toEqual({
    model: 'grok-imagine-image',
    prompt: 'a mill',
    n: 4,
    response_format: 'b64_json',
    resolution: '1k',
    aspect_ratio: '9:16',
    user: 'u',
  });
});

it.each([
  [{ quality: 'low' }, '1k'],
  [{ quality: 'medium' }, '1k'],
  [{ quality: 'high' }, '2k'],
  [{ size: { width: 2048, height: 2048 } }, '2k'],
] as const)('draws %o at %s', (request, resolution) => {
  expect(planFor(request)).toMatchObject({ resolution });
  expect(planFor(request)).not.toHaveProperty('quality');
});

it('passes on a quality only to the model that has one', () => {
  expect(planFor({ quality: 'low' }, 'grok/grok-imagine-image-2.0')).toMatchObject({ quality: 'low' });
  expect(planFor({ quality: 'high' }, 'grok/grok-imagine-image-2.0')).toMatchObject({
    quality: 'medium',
    resolution: '2k',
  });
});

it('refuses a ratio that xAI does not draw', () => {
  expect(planFor({ size: { width: 3000, height: 1000 } })).toMatchObject({ problems: [{ param: 'size' }] });
});
