import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleOptions } from '../../cdk/bundle-options.ts';
import { currentEnvironment } from '../../lib/config.ts';
import { toFunctionUrlEvent } from '../../local/function-url-event.ts';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';

let bundle: string;
let api: ExecutionEnvironment;
beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'broken-answers-'));
  await build(bundleOptions(fileURLToPath(new URL('breaking-app.ts', import.meta.url)), bundle));
  api = await startExecutionEnvironment({
    bundle,
    environment: { PATH: currentEnvironment()['PATH'] ?? '' },
  });
});
afterAll(async () => {
  await api.stop();
  await rm(bundle, { recursive: true });
});

const get = (path: string) =>
  api.invoke(
    toFunctionUrlEvent(
      {
        method: 'GET',
        target: path,
        rawHeaders: ['host', 'gateway.example'],
        body: Buffer.alloc(0),
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        port: 443,
      },
      'request',
      0,
    ),
  );

const expectWhole = async () => {
  const { payload, brokenBy } = await get('/whole');
  expect(payload.toString()).toMatch(/^\{"statusCode":200.*\{"data":\[\]\}$/s);
  expect(brokenBy).toBeUndefined();
};

test('an answer that breaks off reaches the caller cut, is reported to Lambda, and the environment lives on', async () => {
  await expectWhole();
  const { payload, brokenBy } = await get('/breaks');
  expect(payload.toString()).toMatch(/^\{"statusCode":200.*\{"data":\["half$/s);
  expect(brokenBy).toBe('Error');
  await expectWhole();
  expect(api.starts()).toBe(1);
});

test('an answer that breaks off before its first byte has no status, so that Lambda answers with an error of its own', async () => {
  const { payload, brokenBy } = await get('/breaks-at-once');
  expect(payload.toString()).toBe('');
  expect(brokenBy).toBe('Error');
  await expectWhole();
  expect(api.starts()).toBe(1);
});
