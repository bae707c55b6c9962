import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { pythonFor } from '../support/python.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTestKey } from '../support/test-key.ts';

const run = promisify(execFile);
const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const pytest = pathOf('examples/testing-pytest');
const python = await pythonFor(`${pytest}/requirements.txt`);
if (python.missing !== undefined)
  process.stderr.write(`examples/testing-pytest is not tried: ${python.missing}.\n`);

let stack: TestStack;
let env: Record<string, string | undefined>;
beforeAll(async () => {
  stack = await startTestStack();
  const { key } = await makeTestKey(stack.cloud);
  env = { PATH: currentEnvironment()['PATH'], CLEARMAAS_URL: stack.url, CLEARMAAS_TEST_KEY: key };
});
afterAll(() => stack.stop());

describe('the example of tests with a test key', () => {
  it('in Node passes', async () => {
    const folder = pathOf('examples/testing-vitest');
    const parameters = [pathOf('node_modules/vitest/vitest.mjs'), 'run', '--root', folder];
    const { stdout } = await run(process.execPath, parameters, { env });
    expect(stdout).toContain('2 passed');
  });

  it.runIf(python.missing === undefined)('in Python passes', async () => {
    const { stdout } = await run(`${python.programs}/pytest`, ['-p', 'no:cacheprovider', pytest], {
      env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    expect(stdout).toContain('2 passed');
  });
});
