import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import type { LedgerEntry } from '../../lib/usage/ledger-entry.ts';
import { carryOut } from '../../operator/command-line.ts';
import type { Deployment } from '../../operator/deployment.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { usageProgram } from '../../operator/usage-program.ts';
import { startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let deployment: Deployment;

const usage = (...args: string[]): Promise<string> =>
  carryOut(
    usageProgram,
    args,
    async () => deployment,
    () => startMs,
  );

let entries = 0;
const book = async (workspaceId: string, day: string, changes: Partial<LedgerEntry>) => {
  entries += 1;
  await createLedger(cloud.table).put(
    { workspaceId, id: `task_${entries}`, createdAtMs: Date.parse(`${day}T00:00:00Z`) },
    {
      model: 'kling/kling-v3',
      keyName: 'web',
      seconds: 5,
      images: 0,
      microUsd: 420_000,
      livemode: true,
      ...changes,
    },
  );
};

beforeAll(async () => {
  cloud = await startTestCloud();
  deployment = { ...cloud, allowPrivate: true, close: async () => undefined };
  for (const [name, workspaceId] of [
    ['web', 'shop'],
    ['an, "odd" name', 'shop'],
    ['ci', 'tests'],
  ] as const)
    await createKeyStore(cloud.table).create(
      describeApiKey(newApiKey(), { name, workspaceId, createdAtMs: startMs }),
    );
  await book('shop', '2026-11-01', {});
  await book('shop', '2026-11-01', { microUsd: 1 });
  await book('shop', '2026-11-22', { keyName: 'an, "odd" name' });
  await book('shop', '2026-11-22', {
    model: 'grok/grok-imagine-image',
    seconds: 0,
    images: 2,
    microUsd: null,
  });
  await book('shop', '2026-10-31', { microUsd: 7 });
  await book('tests', '2026-11-22', { keyName: 'ci', microUsd: 0, livemode: false });
});
afterAll(() => cloud.stop());

test('--csv tells of every workspace by key, day and model, and leaves empty what nobody knows', async () => {
  expect(await usage('--csv')).toBe(
    [
      'workspace,key,day,model,tasks,seconds,images,cost_usd',
      'shop,"an, ""odd"" name",2026-11-22,kling/kling-v3,1,5,0,0.42',
      'shop,web,2026-11-01,kling/kling-v3,2,10,0,0.420001',
      'shop,web,2026-11-22,grok/grok-imagine-image,1,0,2,',
      'tests,ci,2026-11-22,kling/kling-v3,1,5,0,0',
      '',
    ].join('\n'),
  );
});

test('a person reads a table and the sum', async () => {
  const shown = await usage('--from', '2026-10-31');
  expect(shown).toMatch(/^workspace +key +day +model +tasks +seconds +images +cost_usd\n/);
  expect(shown).toMatch(/shop +web +2026-10-31 +kling\/kling-v3 +1 +5 +0 +0\.000007\n/);
  expect(shown).toContain(
    '6 tasks from 2026-10-31 to 2026-11-22: $0.840008 and what nobody knows of 1 of them\n',
  );
});

test('a script reads JSON', async () => {
  expect(JSON.parse(await usage('--from', '2026-11-01', '--to', '2026-11-01', '--json'))).toEqual([
    {
      workspace: 'shop',
      key: 'web',
      day: '2026-11-01',
      model: 'kling/kling-v3',
      tasks: 2,
      seconds: 10,
      images: 0,
      cost_usd: '0.420001',
    },
  ]);
});

test('days on which nothing was made are said to be so', async () => {
  expect(await usage('--from', '2026-09-01', '--to', '2026-09-30')).toBe(
    'Nothing was made from 2026-09-01 to 2026-09-30.\n',
  );
});

test.each([
  [['--from', 'monday'], '--from must be a day such as 2026-11-26.'],
  [['--to', '2026-10-01', '--from', '2026-11-01'], '--to must not be before from, which is 2026-11-01.'],
  [['--from', '2024-01-01'], 'at most 400 days'],
  [['csv'], '"csv" is one word too many.'],
  [['--group', 'day'], 'There is no option --group.'],
  [['--csv', '--json'], 'Give --csv or --json, not both.'],
])('%j is answered with what is wrong', async (args, words) => {
  const error = await usage(...args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(words);
});

test('--help shows how it is called', async () => {
  expect(await usage('--help')).toContain(
    'npm run usage -- <options>\n\n  [--from <day>] [--to <day>] [--csv]\n',
  );
});
