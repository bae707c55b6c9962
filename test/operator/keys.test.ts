import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { hashApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { dayMs } from '../../lib/time.ts';
import { periodAt } from '../../lib/usage/budget-period.ts';
import { createBudgetStore } from '../../lib/usage/budget-store.ts';
import { carryOut } from '../../operator/command-line.ts';
import { connectTasks } from '../../operator/connect-tasks.ts';
import { keysProgram } from '../../operator/keys-program.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { noonMs } from '../support/keys.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** Runs `npm run keys -- …` on the test's gateway. */
const keys = (...args: string[]): Promise<string> =>
  carryOut(
    keysProgram,
    args,
    async () => ({ ...cloud, allowPrivate: false, close: async () => undefined }),
    () => noonMs,
  );
const keysJson = async (...args: string[]) => JSON.parse(await keys(...args, '--json'));
const createdKey = (...args: string[]) => keysJson('create', '--name', 'shop', ...args);

describe('create', () => {
  test('shows the key once, and a key of that text is stored', async () => {
    const answer = await keys('create', '--name', 'web shop');
    const [key = ''] = answer.split('\n');
    expect(answer).toMatch(/callback secret +whsec_/);
    expect(key).toMatch(/^sk-clearmaas-/);
    const stored = await createKeyStore(cloud.table).find(hashApiKey(key));
    expect(stored).toMatchObject({ name: 'web shop', createdAtMs: noonMs, hint: key.slice(-4) });
    expect(await keys('list')).not.toContain(key);
  });

  test.each(['two\nlines', 'a'.repeat(101), 'a\u001b[31m'])('refuses the name %j', async (name) => {
    await expect(keys('create', '--name', name)).rejects.toThrow('--name must be 1 to 100 characters');
  });

  test('gives each key a workspace of its own, with a signing secret', async () => {
    const [one, other] = [await createdKey(), await createdKey()];
    expect(one.workspace).not.toBe(other.workspace);
    const workspace = await createWorkspaceStore(cloud.table).find(one.workspace);
    expect(workspace?.callbackSecret).toMatch(/^whsec_/);
    expect(one.callback_secret).toBe(workspace?.callbackSecret);
  });

  test('adds a key to the workspace that is named, if there is one', async () => {
    const { workspace, callback_secret } = await createdKey();
    const second = await createdKey('--workspace', workspace);
    expect(second).toMatchObject({ workspace, callback_secret });
    await expect(createdKey('--workspace', 'ws_nobody')).rejects.toThrow(/no workspace ws_nobody.*Leave/);
  });

  test('makes a test key, whose workspace is one for ever', async () => {
    const made = await createdKey('--test');
    expect(made.key).toMatch(/^sk-clearmaas-test-/);
    expect(made.livemode).toBe(false);
    const second = await createdKey('--workspace', made.workspace);
    expect(second.key).toMatch(/^sk-clearmaas-test-/);
    expect(await keys('list')).toMatch(new RegExp(`${second.key_id}.*${made.workspace} +test +active`));
    expect(await keys('workspace', 'show', made.workspace)).toMatch(/kind +test/);
  });

  test('refuses a test key in a live workspace', async () => {
    const { workspace } = await createdKey();
    await expect(createdKey('--test', '--workspace', workspace)).rejects.toThrow(/live workspace.*Leave/);
  });

  test('makes a key that ends when it was told to', async () => {
    const { expires_at } = await createdKey('--expires-in', '30d');
    expect(Date.parse(expires_at)).toBe(noonMs + 30 * dayMs);
  });

  test.each(['0h', '2y', '366d', 'soon', '30', '-1d'])('does not take "%s" as a life time', async (text) => {
    await expect(keys('create', '--name', 'shop', `--expires-in=${text}`)).rejects.toThrow(/1h to 1y/);
  });
});

describe('list and disable', () => {
  test('the list tells everything but the secrets', async () => {
    const made = await createdKey('--expires-in', '12h');
    const listed = (await keysJson('list')).find((key: { key_id: string }) => key.key_id === made.key_id);
    const { key: _, callback_secret: _secret, ...rest } = made;
    expect(listed).toEqual({ ...rest, cap_usd: null });
    expect(await keys('list')).toMatch(
      new RegExp(`${made.key_id} +…${made.ends_with} +shop +${made.workspace} +live +active`),
    );
  });

  test('a disabled key is listed as such', async () => {
    const { key_id } = await createdKey();
    expect(await keys('disable', key_id)).toMatch(/is disabled.*within 60 seconds/);
    expect(await keys('list')).toMatch(new RegExp(`${key_id}.*disabled`));
  });

  test('an unknown key id is refused', async () => {
    await expect(keys('disable', 'key_ffffffffffffffff')).rejects.toThrow(/no key key_ffff.*list/);
  });
});

describe('workspace', () => {
  test('settings are set, shown without header values, and unset', async () => {
    const { workspace } = await createdKey();
    const answer = await keysJson(
      ...['workspace', 'set', workspace, '--callback-url', 'https://shop.example/hook', '--rate-limit', '50'],
      ...['--max-in-flight', '3', '--cap-usd', '50/day'],
      ...['--callback-header', 'X-Team: shop', '--callback-header', 'X-Token: top:secret'],
    );
    expect(answer).toMatchObject({
      callback_url: 'https://shop.example/hook',
      callback_headers: ['X-Team', 'X-Token'],
      rate_limit_per_minute: 50,
      max_in_flight: 3,
      cap_usd: '50/day',
    });
    const stored = await createWorkspaceStore(cloud.table).find(workspace);
    expect(stored?.callbackHeaders).toEqual({ 'X-Team': 'shop', 'X-Token': 'top:secret' });
    expect(stored?.maxInFlight).toBe(3);
    expect(stored?.cap).toEqual({ microUsd: 50_000_000, per: 'day' });
    expect(await keys('workspace', 'show', workspace)).toMatch(/videos in flight +3 at most/);
    const settings = ['--callback-header', '--rate-limit', '--max-in-flight', '--cap-usd'];
    const defaults = settings.flatMap((name) => [name, 'none']);
    await keys('workspace', 'set', workspace, ...defaults);
    const shown = await keys('workspace', 'show', workspace);
    expect(shown).toMatch(/callback URL +https:\/\/shop.example\/hook/);
    expect(shown).toMatch(/callback headers +none/);
    expect(shown).toMatch(/rate limit +of the deployment/);
    expect(shown).toMatch(/videos in flight +any number/);
    expect(shown).toMatch(/spending cap \(USD\) +none/);
  });

  test.each([
    [['--callback-url', 'http://shop.example/hook'], /https/],
    [['--callback-url', 'https://10.0.0.1/hook'], /private/],
    [['--callback-header', 'no colon'], /Name: value/],
    [['--callback-header', 'webhook-id: 1'], /set by the gateway/],
    [['--callback-header', 'X-A: 1', '--callback-header', 'x-a: 2'], /twice/],
    [['--rate-limit', '0'], /whole number/],
    [['--max-in-flight', '0'], /from 1 to 200/],
    [['--max-in-flight', '201'], /from 1 to 200/],
    [['--max-in-flight', 'many'], /from 1 to 200/],
    [['--cap-usd', '50'], /an amount and a period, such as 50\/day/],
    [['--cap-usd', '50/week'], /day or month/],
    [['--cap-usd=-5/day'], /decimal number/],
    [['--cap-usd', '0.0000001/day'], /six digits/],
    [['--cap-usd', '0/day'], /more than 0/],
    [['--cap-usd', '20000000/month'], /10000000 at most/],
    [[], /Say what to set/],
  ])('%j is refused with the reason', async (options, reason) => {
    const { workspace } = await createdKey();
    await expect(keys('workspace', 'set', workspace, ...options)).rejects.toThrow(reason);
  });

  test('what is left of a budget is shown with its workspace', async () => {
    const { workspace } = await createdKey();
    await keys('workspace', 'set', workspace, '--cap-usd', '50/month');
    const period = periodAt('month', noonMs);
    const cap = { microUsd: 50_000_000, per: 'month' } as const;
    const request = { workspaceId: workspace, taskId: 'task_1', cap, period, microUsd: 350_000 };
    await createBudgetStore(cloud.table, () => noonMs).reserve(request);
    expect(await keysJson('workspace', 'show', workspace)).toMatchObject({
      spent_usd: '0.35',
      remaining_usd: '49.65',
      tasks_under_way: 1,
      resets_at: '2026-12-01T00:00:00.000Z',
    });
    expect(await keys('list')).toMatch(new RegExp(`${workspace} .* 50/month\n`));
    expect(await keys('workspace', 'show', workspace)).toMatch(/left \(USD\) +49.65 until 2026-12-01 00:00/);
  });

  test('a test workspace, which costs nothing, gets no cap', async () => {
    const { workspace } = await createdKey('--test');
    await expect(keys('workspace', 'set', workspace, '--cap-usd', '50/day')).rejects.toThrow(
      /test workspace.*no cap/,
    );
    await keys('workspace', 'set', workspace, '--cap-usd', 'none');
  });

  test('a workspace that does not exist is refused', async () => {
    await expect(keys('workspace', 'show', 'ws_nobody')).rejects.toThrow('no workspace ws_nobody');
    await expect(keys('workspace', 'set', 'ws_nobody', '--rate-limit', '5')).rejects.toThrow('no workspace');
  });
});

describe('the command line', () => {
  test('help names every command', async () => {
    const help = await keys('create', '--help');
    for (const { usage } of Object.values(keysProgram.subcommands)) expect(help).toContain(usage);
  });

  test.each([
    [[]],
    [['remove']],
    [['create']],
    [['create', '--name', '']],
    [['create', 'shop', '--name', 'shop']],
    [['list', '--name', 'shop']],
    [['disable']],
    [['disable', 'key_1', 'key_2']],
    [['workspace', 'set']],
  ])('%j is wrong usage', async (args) => {
    await expect(keys(...args)).rejects.toBeInstanceOf(UsageError);
  });

  test('runs on the data of this machine, and its exit code says how it went', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    const run = (...args: string[]) =>
      new Promise<{ code: number; output: string }>((resolve) => {
        const program = fileURLToPath(new URL('../../operator/keys.ts', import.meta.url));
        execFile(
          process.execPath,
          [program, ...args],
          { cwd: folder, env: { ...currentEnvironment(), DATA_DIR: folder } },
          (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
        );
      });
    const made = await run('create', '--name', 'shop', '--json');
    expect(made.code).toBe(0);
    expect((await run('list')).output).toContain(JSON.parse(made.output).key_id);
    expect(await run('disable', 'key_0')).toMatchObject({
      code: 1,
      output: expect.stringContaining('no key'),
    });
    expect(await run('destroy')).toMatchObject({ code: 2, output: expect.stringContaining('Usage:') });
    await rm(folder, { recursive: true });
  });
});

test('a raised limit wakes the first of those who wait for it', async () => {
  const { workspace: workspaceId } = await createdKey();
  const { queue } = connectTasks({ ...cloud, allowPrivate: false, close: async () => undefined }, noonMs);
  const requestOf = (taskId: string, createdAtMs: number) => ({
    taskId,
    createdAtMs,
    workspaceId,
    model: 'kling/kling-v2-6',
    workspaceLimit: 1,
  });
  expect((await queue.admit(requestOf('task_first', noonMs))).admitted).toBe(true);
  expect((await queue.admit(requestOf('task_second', noonMs + 1))).admitted).toBe(false);
  await keys('workspace', 'set', workspaceId, '--max-in-flight', '2');
  const { Messages = [] } = await cloud.sdk.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.queueUrls.submissions, WaitTimeSeconds: 1 }),
  );
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([{ taskId: 'task_second' }]);
});
