import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

describe('what the gateway hands out as its own, on one machine', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ variables: { STAND_IN_SECONDS: '0.1' } });
  });
  afterAll(() => stack.stop());

  const call = async (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, stack.url), {
      redirect: 'error',
      ...init,
      headers: {
        authorization: `Bearer ${stack.apiKey}`,
        'content-type': 'application/json',
        ...init.headers,
      },
    });

  const anImage = async (): Promise<string> => {
    const body = JSON.stringify({ model: 'openai/gpt-image-1', prompt: 'a red kite' });
    const made = await (await call('/v1/images/generations', { method: 'POST', body })).json();
    return (made as { data: [{ url: string }] }).data[0].url;
  };
  const aVideo = async (): Promise<string> => {
    const body = JSON.stringify({ model: 'kling/kling-v2-6', prompt: 'a red kite' });
    const accepted = await (await call('/v1/video/generations', { method: 'POST', body })).json();
    const path = `/v1/video/generations/${(accepted as { task_id: string }).task_id}`;
    await vi.waitFor(async () => {
      expect(await (await call(path)).json()).toMatchObject({ data: { status: 'SUCCESS' } });
    }, patience);
    return `${stack.url}${path}/content`;
  };

  it.each([
    ['an image', anImage, 'image/png', '\x89PNG'],
    ['a video', aVideo, 'video/mp4', '\0\0\0'],
  ])('is %s without a redirect, in parts and as HEAD too', async (_what, make, contentType, start) => {
    const link = await make();
    const whole = await call(link);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, contentType]);
    expect(whole.headers.get('x-request-id')).toBeTruthy();
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    expect(bytes.toString('latin1').startsWith(start)).toBe(true);

    const part = await call(link, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);

    const head = await call(link, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect(await head.text()).toBe('');

    const beyond = await call(link, { headers: { range: `bytes=${bytes.length}-` } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect(await beyond.json()).toMatchObject({ error: { code: 'invalid_request', param: 'Range' } });
  });
});
