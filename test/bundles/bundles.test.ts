import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, makeBundle } from '../../bench/support/bundles.ts';
import { entryFile } from '../../cdk/bundle-options.ts';
import type { FunctionName } from '../../lib/limits.ts';

const common = ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sqs', 'zod'];
const secrets = '@aws-sdk/client-secrets-manager';

/** What each function's start may read of that which weighs much, and how much: some 5 % above what it does. */
const promises: Record<FunctionName, { kilobytes: number; packages: string[] }> = {
  api: { kilobytes: 600, packages: [...common, secrets, 'hono', 'ipaddr.js'] },
  'submit-video': { kilobytes: 455, packages: [...common, secrets, 'ipaddr.js'] },
  'make-image': { kilobytes: 455, packages: [...common, secrets, 'ipaddr.js'] },
  'poll-video': { kilobytes: 450, packages: [...common, secrets, 'ipaddr.js'] },
  deliver: { kilobytes: 325, packages: [...common, 'ipaddr.js'] },
  sweep: { kilobytes: 300, packages: common },
};

/** The SDK's shared parts, and two small libraries of DynamoDB's client. */
const isShared = (name: string): boolean =>
  /^@(smithy|aws)\/|^@aws-sdk\/(?!client-|credential-)|^(mnemonist|obliterator)$/.test(name);

describe.each(Object.entries(promises))('the start of %s', (name, { kilobytes, packages }) => {
  let folder: string;
  let bundle: Bundle;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundles-'));
    bundle = await makeBundle(entryFile(name as FunctionName), folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test(`reads at most ${kilobytes} KB`, () => {
    expect(bundle.bytes / 1_024).toBeLessThanOrEqual(kilobytes);
  });

  test('reads the packages that its work needs, neither S3’s client nor the search for credentials', () => {
    const held = Object.keys(bundle.packages).filter((name) => name !== 'own' && !isShared(name));
    expect(held.sort()).toEqual(packages.toSorted());
  });
});
