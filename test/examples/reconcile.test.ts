import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localWorkspaceId } from '../../local/local-workspace.ts';
import { storeAnEnd } from '../support/an-end.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../examples/reconcile/reconcile.mjs', import.meta.url));
const guide = new URL('../../docs/callbacks.md', import.meta.url);

let stack: TestStack;
let cwd: string;
beforeAll(async () => {
  stack = await startTestStack();
  cwd = await mkdtemp(join(tmpdir(), 'clearmaas-test-'));
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
  await stack.stop();
});

const anEnd = () => storeAnEnd(stack.cloud.table, localWorkspaceId);

/** The tasks that a run has told of. */
const reconcile = async (key = stack.apiKey): Promise<string[]> => {
  const env = { CLEARMAAS_URL: stack.url, CLEARMAAS_API_KEY: key };
  const { stdout } = await run(process.execPath, [program], { cwd, env });
  return [...stdout.matchAll(/^video\.failed (task_\w+) no$/gm)].map(([, id = '']) => id);
};

test.each([{}, { CLEARMAAS_URL: 'http://127.0.0.1:9' }, { CLEARMAAS_API_KEY: 'sk-clearmaas-x' }])(
  'with %j it says what to set',
  async (env) => {
    const refused = run(process.execPath, [program], { cwd, env });
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr:
        'Set CLEARMAAS_URL to the address of the gateway and CLEARMAAS_API_KEY to a key of the workspace.\n',
    });
  },
);

test('the nightly recipe applies every end once, over pages and runs', async () => {
  const ids: string[] = [];
  while (ids.length < 130) ids.push(await anEnd());
  expect((await reconcile()).sort()).toEqual(ids.sort());
  expect(await reconcile()).toEqual([]);
  const another = await anEnd();
  expect(await reconcile()).toEqual([another]);
});

test('it says why where the gateway refuses', async () => {
  await expect(reconcile('sk-clearmaas-wrong')).rejects.toThrow(/the gateway answered 401/);
});

test('the guide shows the very loop', () => {
  const [, loop = 'no loop'] =
    /```js\n(let after = await loadCursor\(\);[\s\S]+?)```/.exec(readFileSync(guide, 'utf8')) ?? [];
  expect(readFileSync(program, 'utf8')).toContain(loop);
});
