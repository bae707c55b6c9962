import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleOptions } from '../../cdk/bundle-options.ts';
import { createLog, type LogRecord, recordLines } from '../../lib/observability/log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readable-stack-'));
  await writeFile(
    join(folder, 'settle.ts'),
    'export const settle = (): void => {\n  throw new Error("late");\n};\n',
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** What is logged of an error that the bundle throws. */
const loggedStack = async (outputFolder: string, changes = {}): Promise<string> => {
  await build({ ...bundleOptions(join(folder, 'settle.ts'), outputFolder), ...changes });
  const { settle } = await import(/* @vite-ignore */ pathToFileURL(join(outputFolder, 'index.mjs')).href);
  const records: LogRecord[] = [];
  const log = createLog(recordLines('info', {}, (record) => records.push(record)));
  try {
    settle();
  } catch (error) {
    log.event('request.failed', { error });
  }
  return (records[0]?.['error'] as Error | undefined)?.stack ?? '';
};

test('the log tells where in the sources an error of a bundle comes from', async () => {
  expect(await loggedStack(join(folder, 'mapped'))).toContain('settle.ts:2:9');
});

test('where there is no source map, it tells where in the bundle', async () => {
  const stack = await loggedStack(join(folder, 'bare'), { sourcemap: false });
  expect(stack).toMatch(/bare\/index\.mjs:\d+:\d+/);
});
