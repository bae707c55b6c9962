import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, makeBundle } from '../../bench/support/bundles.ts';
import { entryFile, type FunctionName } from '../../cdk/bundle-options.ts';

const table = ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'];
const queues = ['@aws-sdk/client-sqs'];
const secret = ['@aws-sdk/client-secrets-manager'];
const bucket = ['@aws-sdk/client-s3', '@aws-sdk/lib-storage', '@aws-sdk/s3-request-presigner'];

/** What each function may hold of that which weighs much, and how much it may weigh: some 5 % above what it does. */
const promises: Record<FunctionName, { kilobytes: number; packages: string[] }> = {
  api: { kilobytes: 690, packages: [...table, ...queues, ...secret, ...bucket, 'hono', 'zod', 'ipaddr.js'] },
  submit: { kilobytes: 535, packages: [...table, ...queues, ...secret, ...bucket, 'zod'] },
  poll: { kilobytes: 325, packages: [...table, ...queues, ...secret, 'zod'] },
  deliver: { kilobytes: 315, packages: [...table, ...queues, 'zod', 'ipaddr.js'] },
  sweep: { kilobytes: 280, packages: [...table, ...queues, 'zod'] },
};

/** Parts that clients of the AWS SDK bring along. */
const isPartOfSdk = (name: string): boolean =>
  /^@aws-sdk\/(?!client-|lib-|credential-provider-|s3-request-presigner$)/.test(name) ||
  /^(@smithy\/|@aws\/|mnemonist$|obliterator$)/.test(name);

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
    const held = Object.keys(bundle.packages).filter((name) => name !== 'own' && !isPartOfSdk(name));
    expect(held.sort()).toEqual(packages.sort());
  });
});
