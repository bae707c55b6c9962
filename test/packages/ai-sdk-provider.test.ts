import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  generateImage,
  experimental_generateVideo as generateVideo,
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
} from 'ai';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { type ClearMaas, createClearMaas } from '../../packages/ai-sdk-provider/clearmaas.ts';
import { patience } from '../support/patience.ts';
import { aPng } from '../support/pictures.ts';
import { startReceiver } from '../support/receiver.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let clearmaas: ClearMaas;
beforeAll(async () => {
  stack = await startTestStack({ variables: { CALLBACK_ALLOW_PRIVATE: 'true' } });
  clearmaas = createClearMaas({ baseURL: `${stack.url}/v1`, apiKey: stack.apiKey });
});
afterAll(() => stack.stop());
// What it would print is in the results.
vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);

const isMp4 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1', 4, 8) === 'ftyp';
const isPng = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1', 1, 4) === 'PNG';
const model = 'kling/kling-v2-6';
const list = async () => {
  const headers = { authorization: `Bearer ${stack.apiKey}` };
  const response = await fetch(`${stack.url}/v1/video/generations?limit=1`, { headers });
  return (await response.json()) as { data: object[] };
};

it('makes a video with the AI SDK', async () => {
  const { video, warnings } = await generateVideo({
    model: clearmaas.video(model),
    prompt: 'a heron',
    duration: 5,
    fps: 24,
    providerOptions: { clearmaas: { mode: 'std' } },
  });
  expect(isMp4(video.uint8Array)).toBe(true);
  expect(warnings).toContainEqual({ type: 'unsupported', feature: 'fps' });
});

it('makes a video from a picture', async () => {
  const { video } = await generateVideo({
    model: clearmaas.video(model),
    prompt: { image: aPng({ width: 400, height: 400 }), text: 'it moves' },
    poll: { intervalMs: 200 },
  });
  expect(isMp4(video.uint8Array)).toBe(true);
  const { data } = await list();
  expect(data[0]).toMatchObject({ action: 'generate' });
});

it('hands the AI SDK’s webhook to the gateway, which calls it signed, and asks once', async () => {
  const receiver = await startReceiver();
  const polls: string[] = [];
  const counted: typeof fetch = (url, options) => {
    if (options?.method === 'GET') polls.push(String(url));
    return fetch(url, options);
  };
  const { video } = await generateVideo({
    model: createClearMaas({
      baseURL: `${stack.url}/v1`,
      apiKey: stack.apiKey,
      fetch: counted,
    }).video(model),
    prompt: 'a heron',
    webhook: async () => ({
      url: receiver.url,
      received: receiver.next().then(({ headers, body }) => {
        const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`]));
        new Webhook(stack.callbackSecret).verify(body, signed);
        return { headers: signed, body };
      }),
    }),
  });
  expect(isMp4(video.uint8Array)).toBe(true);
  expect(receiver.calls.map(({ body }) => JSON.parse(body).type)).toEqual(['video.completed']);
  expect(polls.map((url) => url.split('/').at(-1))).toEqual([expect.stringMatching(/^task_/), 'content']);
  await receiver.stop();
});

it('starts a video in one process and asks for it in another', async () => {
  const { operation } = await startVideo({ model: clearmaas.video(model), prompt: 'a heron' });
  const stored = JSON.parse(JSON.stringify(operation));
  const another = createClearMaas({ baseURL: `${stack.url}/v1/`, apiKey: stack.apiKey }).video(model);
  const status = await vi.waitFor(async () => {
    const answer = await getVideoStatus(another, { operation: stored });
    if (answer.status !== 'completed') throw new Error(answer.status);
    return answer;
  }, patience);
  expect(status.videos).toMatchObject([{ type: 'binary', mediaType: 'video/mp4' }]);
});

it('says why a video failed', async () => {
  const failing = generateVideo({
    model: clearmaas.video(model),
    prompt: 'a heron [fail]',
    poll: { intervalMs: 200 },
  });
  await expect(failing).rejects.toThrow(/risk control/);
});

it('tells what is wrong with a request in the gateway’s words', async () => {
  const asked = generateVideo({
    model: clearmaas.video(model),
    prompt: 'a heron',
    duration: 8,
    maxRetries: 0,
  });
  await expect(asked).rejects.toThrow(/5 or 10/);
});

it.each(['openai/gpt-image-2', 'google/gemini-nano-banana-2.1', 'grok/grok-imagine-image'])(
  'makes images with %s',
  async (id) => {
    const { images } = await generateImage({ model: clearmaas.image(id), prompt: 'a lighthouse', n: 2 });
    expect(images.map(({ uint8Array }) => isPng(uint8Array))).toEqual([true, true]);
  },
);

it('tells what is wrong with a request for an image in the gateway’s words', async () => {
  const asked = generateImage({
    model: clearmaas.image('openai/gpt-image-2'),
    prompt: 'a lighthouse',
    size: '1x1',
    maxRetries: 0,
  });
  await expect(asked).rejects.toThrow(/size/);
});

it('has an example that saves a video and an image', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clearmaas-test-'));
  const example = fileURLToPath(new URL('../../packages/ai-sdk-provider/example.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [example, folder], {
    env: {
      PATH: currentEnvironment()['PATH'],
      CLEARMAAS_URL: stack.url,
      CLEARMAAS_API_KEY: stack.apiKey,
    },
  });
  expect(isMp4(await readFile(join(folder, 'boat.mp4')))).toBe(true);
  expect(isPng(await readFile(join(folder, 'lighthouse.png')))).toBe(true);
  await rm(folder, { recursive: true });
});
