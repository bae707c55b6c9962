import { describe, expect, it } from 'vitest';
import { fileLinkPath } from '../../lib/assets/file-link.ts';
import { currentEnvironment } from '../../lib/config.ts';
import { dayMs } from '../../lib/time.ts';
import { createTestApi, errorOf, linkSigningKey } from '../support/api.ts';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();

const aLink = async () => {
  const answer = await stack.post({ model: 'grok/grok-imagine-image', prompt: 'a link' });
  const { data } = (await answer.json()) as { data: [{ url: string }] };
  return data[0].url;
};

it('leads to the image for a day, without a key', async () => {
  const url = await aLink();
  expect(url.startsWith(`${stack.url}/files/file_`)).toBe(true);
  const expires = Number(new URL(url).searchParams.get('expires'));
  expect(Math.abs(expires - Date.now() / 1_000 - 86_400)).toBeLessThan(60);
  const image = await fetch(url, { redirect: 'error' });
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(image.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/);
});

it('leads on to the bucket where that has an address of its own', async () => {
  const api = createTestApi();
  const fileId = 'file_0123456789ABCDEFGHIJKLMNOPQRSTUV';
  const redirect = await api.get(fileLinkPath(fileId, api.clock.nowMs + 60_000, linkSigningKey));
  expect(redirect.status).toBe(302);
  expect(redirect.headers.get('location')).toBe(`https://bucket.example/${fileId}`);
});

it.each([
  ['signature', 'signature', 'AAAA'],
  ['end', 'expires', '99999999999'],
])('is refused when its %s was changed', async (_what, name, value) => {
  const url = new URL(await aLink());
  url.searchParams.set(name, value);
  const answer = await fetch(url);
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ error: { code: 'link_not_valid' } });
});

it('is refused for a file that the signature is not for', async () => {
  const [one, other] = [new URL(await aLink()), new URL(await aLink())];
  one.pathname = other.pathname;
  expect((await fetch(one)).status).toBe(403);
});

it.each(['/files/file_', '/files/..%2Finputs', '/files/task_0123456789ABCDEFGHIJKLMNOPQRSTUV'])(
  'is refused for %s',
  async (path) => {
    expect((await fetch(stack.url + path)).status).toBe(403);
  },
);

it('says so when it has expired', async () => {
  const path = fileLinkPath(
    'file_0123456789ABCDEFGHIJKLMNOPQRSTUV',
    Date.now() - 1_000,
    currentEnvironment()['LINK_SIGNING_KEY'] ?? '',
  );
  const answer = await fetch(stack.url + path);
  expect(answer.status).toBe(410);
  expect(await answer.json()).toMatchObject({ error: { code: 'link_expired' } });
});

describe('a link to what a test key made', () => {
  const clip = 'clip_stdx16x9x5s';
  const linkUntil = (expiresAtMs: number) => fileLinkPath(clip, expiresAtMs, linkSigningKey);

  it('says so when it has expired, and how long it worked', async () => {
    const api = createTestApi();
    const path = linkUntil(api.clock.nowMs + 30 * dayMs);
    api.clock.nowMs += 30 * dayMs;
    const answer = await api.get(path);
    expect(answer.status).toBe(410);
    expect(await errorOf(answer)).toMatchObject({
      code: 'link_expired',
      message: expect.stringContaining('as long as the task is kept'),
    });
  });

  it('is good for that length and shape only', async () => {
    const api = createTestApi();
    const path = linkUntil(api.clock.nowMs + dayMs);
    for (const other of ['clip_4kx16x9x5s', 'clip_stdx16x9x60s', 'clip_stdx16x9x05s'])
      expect((await api.get(path.replace(clip, other))).status).toBe(403);
  });
});

describe('a client that follows no link to another origin', () => {
  const without = (url: string) => `${url}&redirect=false`;

  it('gets the image itself, with what describes it', async () => {
    const url = await aLink();
    const answer = await fetch(without(url), { redirect: 'error' });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(bytes.length),
      'content-disposition': expect.stringMatching(/^inline; filename="file_\w+\.png"$/),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(bytes.equals(Buffer.from(await (await fetch(url)).arrayBuffer()))).toBe(true);
  });

  it('gets a part of it', async () => {
    const url = without(await aLink());
    const part = await fetch(url, { headers: { range: 'bytes=1-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'PNG']);
    expect(part.headers.get('content-range')).toMatch(/^bytes 1-3\/\d+$/);
    const beyond = await fetch(url, { headers: { range: 'bytes=99999999-' } });
    expect(beyond.status).toBe(416);
  });

  it.each([
    'bytes=0-0,2-3',
    'bytes=9-0',
    'bytes=abc',
    'items=0-9',
    'bytes=0-9,',
    `bytes=${'0-1,'.repeat(999)}3-4`,
  ])('gets all of it where no single part is asked for: %s', async (range) => {
    const url = await aLink();
    for (const link of [url, without(url)])
      expect((await fetch(link, { headers: { range } })).status).toBe(200);
  });

  it('is told what redirect may be', async () => {
    const answer = await fetch(`${await aLink()}&redirect=False`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.objectContaining({ param: 'redirect', code: 'invalid_request' }) },
    ]);
  });

  it('may ask with HEAD, with redirect=false and without', async () => {
    const url = await aLink();
    const length = (await (await fetch(url)).arrayBuffer()).byteLength;
    for (const link of [url, without(url)]) {
      const head = await fetch(link, { method: 'HEAD', redirect: 'error' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(length)]);
      expect(head.headers.get('content-type')).toBe('image/png');
    }
  });

  it('is told when the file is no longer kept', async () => {
    const fileId = `file_${'0'.repeat(32)}`;
    const signingKey = currentEnvironment()['LINK_SIGNING_KEY'] ?? '';
    const path = without(fileLinkPath(fileId, Date.now() + 60_000, signingKey));
    expect((await fetch(stack.url + path)).status).toBe(404);
  });
});
