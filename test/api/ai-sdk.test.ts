import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateImage } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();
const isPng = (bytes: Uint8Array) => Buffer.from(bytes).subarray(1, 4).toString() === 'PNG';

const families = ['openai/gpt-image-2', 'google/gemini-nano-banana-2.1', 'grok/grok-imagine-image'];

describe('@ai-sdk/openai', () => {
  const provider = () => createOpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });

  it('makes an image with a bare id, which it asks no format for', async () => {
    const { image } = await generateImage({ model: provider().image('gpt-image-2'), prompt: 'a heron' });
    expect(isPng(image.uint8Array)).toBe(true);
  });

  it.each(families)('makes images with %s', async (id) => {
    const { images } = await generateImage({ model: provider().image(id), prompt: 'a heron', n: 2 });
    expect(images.map(({ uint8Array }) => isPng(uint8Array))).toEqual([true, true]);
  });
});

describe('@ai-sdk/openai-compatible', () => {
  const provider = () =>
    createOpenAICompatible({ name: 'clearmaas', apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });

  it.each(families)('makes an image with %s in a size', async (id) => {
    const { image } = await generateImage({
      model: provider().imageModel(id),
      prompt: 'a heron',
      size: '1024x1024',
    });
    expect(isPng(image.uint8Array)).toBe(true);
  });
});

describe('the openai package', () => {
  it.each(['gpt-image-2', ...families])('makes an image with %s', async (id) => {
    const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries: 0 });
    const { data = [] } = await client.images.generate({ model: id, prompt: 'a heron' });
    const [{ url, b64_json } = {}] = data;
    const bytes =
      url === undefined ? Buffer.from(b64_json ?? '', 'base64') : await (await fetch(url)).arrayBuffer();
    expect(isPng(new Uint8Array(bytes))).toBe(true);
    if (url !== undefined) expect(new URL(url).origin).toBe(stack.url);
  });
});
