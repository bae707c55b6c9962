import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { aPng } from '../support/pictures.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const run = promisify(execFile);
const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const node = pathOf('examples/openai-node/make-video.ts');

let stack: TestStack;
let folder: string;
beforeAll(async () => {
  stack = await startTestStack();
  folder = await mkdtemp(join(tmpdir(), 'clearmaas-test-'));
  await writeFile(join(folder, 'first.png'), aPng({ width: 400, height: 400 }));
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

it.each([
  ['from a text', 'boat.mp4', []],
  ['from a picture', 'moved.mp4', ['first.png']],
])('the example with OpenAI’s client for Node saves a video made %s', async (_what, file, pictures) => {
  const { stdout } = await run(process.execPath, [node, file, ...pictures], {
    cwd: folder,
    env: {
      PATH: currentEnvironment()['PATH'],
      CLEARMAAS_URL: stack.url,
      CLEARMAAS_API_KEY: stack.apiKey,
    },
  });
  expect(stdout).toMatch(/\.mp4: 5 s, 1280x720, task_/);
  expect((await readFile(join(folder, file))).toString('latin1', 4, 8)).toBe('ftyp');
});

it.each([node, pathOf('examples/openai-python/make_video.py')])(
  'docs/openai.md shows %s as it is',
  async (example) => {
    expect(await readFile(pathOf('docs/openai.md'), 'utf8')).toContain(await readFile(example, 'utf8'));
  },
);
