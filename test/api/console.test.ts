import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../console/build.ts';
import { createTestApi, ownUrl, type TestApi } from '../support/api.ts';
import { functionUrlOf } from '../support/function-url.ts';

let folder: string;
let api: TestApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  buildConsole(folder);
  api = createTestApi({ dependencies: { consoleFolder: folder } });
});
afterAll(() => rm(folder, { recursive: true }));

const ask = async (path: string, headers: Record<string, string> = {}, { app } = api) =>
  functionUrlOf(app)(`${ownUrl}${path}`, { headers });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const linkedFiles = async (): Promise<string[]> => {
  const page = await (await ask('/console')).text();
  return [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
};

describe('the console', () => {
  it('is a page without a key, that holds no script and allows none but its own', async () => {
    const response = await ask('/console');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.text()).not.toMatch(/<script(?![^>]* src="\/console\/)|<style|style=|onload=/);
  });

  it('names its files by their content, so that a browser keeps them', async () => {
    const files = await linkedFiles();
    expect(files).toHaveLength(3);
    for (const path of files) {
      expect(path).toMatch(/^\/console\/[a-z]+-[0-9a-f]{12}\.(js|css|svg)$/);
      const response = await ask(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await ask('/console')).headers.get('cache-control')).toBe('no-cache');
  });

  it('is served as the browser can read it: Brotli, gzip or plain', async () => {
    for (const path of await linkedFiles()) {
      const plain = await ask(path);
      expect(plain.headers.get('content-encoding')).toBeNull();
      const content = await bytesOf(plain);
      const brotli = await ask(path, { 'accept-encoding': 'gzip, deflate, br' });
      expect(brotli.headers.get('content-encoding')).toBe('br');
      expect(brotli.headers.get('vary')).toBe('accept-encoding');
      expect(brotliDecompressSync(await bytesOf(brotli))).toEqual(content);
      const gzip = await ask(path, { 'accept-encoding': 'br;q=0, gzip' });
      expect(gzip.headers.get('content-encoding')).toBe('gzip');
      expect(gunzipSync(await bytesOf(gzip))).toEqual(content);
    }
  });

  it('weighs at most 60 KB on its way to the browser', async () => {
    const sizes = (await linkedFiles()).map(async (path) => {
      const response = await ask(path, { 'accept-encoding': 'br' });
      return (await bytesOf(response)).length;
    });
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(total).toBeLessThanOrEqual(60 * 1_024);
  });

  it.each([
    '/console/nothing-000000000000.js',
    '/console/index.html',
    '/console/..%2Fpackage.json',
    '/console/%2E%2E%2Findex.html',
    '/console/console-000000000000.js.br',
  ])('hands out no other file: %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it('is the first place that GET / names', async () => {
    const response = await ask('/', { accept: 'text/html' });
    expect(await response.text()).toContain('<a href="/console">');
  });

  it('is not there where it is turned off', async () => {
    const without = createTestApi();
    expect((await ask('/console', {}, without)).status).toBe(404);
    const home = await (await ask('/', { accept: 'text/html' }, without)).text();
    expect(home).not.toContain('/console');
  });

  it('leaves nothing behind that it does not serve', async () => {
    const served = [...(await linkedFiles()).map((path) => path.replace('/console/', '')), 'index.html'];
    const expected = served.flatMap((name) => [name, `${name}.br`, `${name}.gz`]);
    expect((await readdir(folder)).sort()).toEqual(expected.sort());
  });
});
