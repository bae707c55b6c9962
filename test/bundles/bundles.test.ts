import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, makeBundle } from '../../bench/support/bundles.ts';
import { entryFile, type FunctionName } from '../../cdk/bundle-options.ts';

const common = ['@aws-sdk/util-dynamodb', 'aws4', 'zod'];

/** What each function may hold of that which weighs much, and how much it may weigh: some 5 % above what it does. */
const promises: Record<FunctionName, { kilobytes: number; packages: string[] }> = {
  api: { kilobytes: 270, packages: [...common, 'hono', 'ipaddr.js'] },
  'submit-video': { kilobytes: 130, packages: common },
  'poll-video': { kilobytes: 90, packages: common },
  deliver: { kilobytes: 100, packages: [...common, 'ipaddr.js'] },
  sweep: { kilobytes: 65, packages: common },
};

describe.each(Object.entries(promises))('the bundle of %s', (name, { kilobytes, packages }) => {
  let folder: string;
  let bundle: Bundle;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundles-'));
    bundle = await makeBundle(entryFile(name as FunctionName), folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test(`weighs at most ${kilobytes} KB`, () => {
    expect(bundle.bytes / 1_024).toBeLessThanOrEqual(kilobytes);
  });

  test('holds the packages that its work needs, and no other', () => {
    const held = Object.keys(bundle.packages).filter((name) => name !== 'own');
    expect(held.sort()).toEqual(packages.toSorted());
  });
});
