import { inflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePng } from '../../lib/sandbox/media/png.ts';
import { startFakeGoogle } from '../../local/fakes/google.ts';
import { type FakeImageProvider, startImageServer } from '../../local/fakes/image-server.ts';
import { startFakeOpenAi } from '../../local/fakes/openai.ts';
import { startFakeXai } from '../../local/fakes/xai.ts';

const started = async (start: () => Promise<FakeImageProvider>): Promise<FakeImageProvider> => {
  const fake = await start();
  onTestFinished(fake.close);
  return fake;
};

const ask = (url: string, body: object, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: {
      authorization: 'Bearer fake-key',
      'x-goog-api-key': 'fake-key',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });

describe('the fake OpenAI', () => {
  it.each([
    [{ response_format: 'url' }, 400, 'unknown_parameter'],
    [{ style: 'vivid' }, 400, 'unknown_parameter'],
    [{ model: 'gpt-image-1' }, 404, 'model_not_found'],
    [{ model: 'gpt-image-9' }, 404, 'model_not_found'],
    [{ size: '1000x1000' }, 400, 'invalid_value'],
    [{ size: '256x256' }, 400, 'invalid_value'],
    [{ n: 11 }, 400, 'invalid_value'],
    [{ quality: 'hd' }, 400, 'invalid_value'],
    [{ output_compression: 50 }, 400, 'invalid_value'],
    [{ prompt: undefined }, 400, 'missing_required_parameter'],
  ])('refuses %o', async (change, status, code) => {
    const { url } = await started(() => startFakeOpenAi());
    const answer = await ask(`${url}/images/generations`, {
      model: 'gpt-image-2',
      prompt: 'a mill',
      ...change,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  it('refuses another key', async () => {
    const { url } = await started(() => startFakeOpenAi({ apiKey: 'other' }));
    expect((await ask(`${url}/images/generations`, {})).status).toBe(401);
  });
});

describe('the fake Google', () => {
  const body = (imageConfig: object) => ({
    contents: [{ parts: [{ text: 'a mill' }] }],
    generationConfig: { responseModalities: ['IMAGE'], imageConfig },
  });
  it.each([
    ['gemini-3-pro-image', body({ aspectRatio: '1:8' }), 400],
    ['gemini-3-pro-image', body({ imageSize: '512' }), 400],
    ['gemini-3-pro-image', body({ size: '1024x1024' }), 400],
    ['gemini-3-pro-image', { contents: [{ parts: [{ text: 'a mill' }] }] }, 400],
    ['imagen-4.0-generate-001', body({}), 404],
    ['gemini-nano-banana-2.1', body({ aspectRatio: '1:8', imageSize: '4K' }), 200],
  ])('answers %s with %o by %i', async (model, request, status) => {
    const { url } = await started(() => startFakeGoogle());
    expect((await ask(`${url}/models/${model}:generateContent`, request)).status).toBe(status);
  });
});

describe('the fake xAI', () => {
  it.each([
    [{ size: '1024x1024' }, 400, 'Argument not supported: size'],
    [{ style: 'vivid' }, 400, 'Argument not supported: style'],
    [{ aspect_ratio: '7:4' }, 400, 'aspect_ratio'],
    [{ resolution: '4k' }, 400, 'resolution'],
    [{ model: 'grok-2-image' }, 404, 'does not exist'],
  ])('refuses %o', async (change, status, words) => {
    const { url } = await started(() => startFakeXai());
    const answer = await ask(`${url}/images/generations`, {
      model: 'grok-imagine-image',
      prompt: 'a mill',
      ...change,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining(words) });
  });
});

it('a fake is to be had on this machine only', async () => {
  const nobody = { status: 404, body: {} };
  const { url } = await started(() =>
    startImageServer(
      {
        basePath: '',
        promptOf: () => '',
        answer: () => nobody,
        faults: { fail: nobody, busy: nobody, refused: nobody },
      },
      {},
    ),
  );
  expect(new URL(url).hostname).toBe('127.0.0.1');
});

it('a drawing has the size that was asked for, and another text is another drawing', () => {
  const png = makePng({ width: 320, height: 200, text: 'a mill' });
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([320, 200]);
  const dataAt = png.indexOf('IDAT') + 4;
  expect(inflateSync(png.subarray(dataAt, -16)).length).toBe(200 * (1 + 320 / 8));
  expect(makePng({ width: 320, height: 200, text: 'a well' }).equals(png)).toBe(false);
});
