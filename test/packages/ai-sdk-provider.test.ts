import { experimental_generateVideo as generateVideo } from 'ai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClearMaas } from '../../packages/ai-sdk-provider/clearmaas.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const model = (id: string) => createClearMaas({ baseURL: `${stack.url}/v1`, apiKey: stack.apiKey }).video(id);

it('makes a video with the AI SDK', async () => {
  const { video } = await generateVideo({
    model: model('kling/kling-v2-6'),
    prompt: 'a heron',
    duration: 5,
    providerOptions: { clearmaas: { mode: 'std' } },
  });
  expect(Buffer.from(video.uint8Array).toString('latin1', 4, 8)).toBe('ftyp');
}, 40_000);

it('tells what is wrong with a request in the gateway’s words', async () => {
  const asked = generateVideo({
    model: model('kling/kling-v2-6'),
    prompt: 'a heron',
    duration: 8,
    maxRetries: 0,
  });
  await expect(asked).rejects.toThrow(/5 or 10/);
});
