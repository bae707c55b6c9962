import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSettings, settingNames } from '../../cdk/settings.ts';

const settings = (given: Record<string, unknown> = {}) => readSettings((name) => given[name]);

test('nothing has to be set', () => {
  expect(settings()).toMatchObject({ stage: 'production', stackName: 'ClearMaasGateway', keepData: true });
});

test('another stage is a stack of its own, and its data goes with it', () => {
  expect(settings({ stage: 'trial' })).toMatchObject({
    stackName: 'ClearMaasGateway-trial',
    keepData: false,
  });
  expect(settings({ stage: 'trial', removalPolicy: 'retain' }).keepData).toBe(true);
  expect(settings({ removalPolicy: 'destroy' }).keepData).toBe(false);
});

test('numbers and switches may come as text, as the command line sends them', () => {
  expect(settings({ pollConcurrency: '7', tracing: 'true' })).toMatchObject({
    pollConcurrency: 7,
    tracing: true,
  });
  expect(settings({ pollConcurrency: 7, tracing: true })).toMatchObject({
    pollConcurrency: 7,
    tracing: true,
  });
});

test.each([
  [{ stage: 'Two Words' }, 'stage'],
  [{ pollConcurrency: '1' }, 'pollConcurrency'],
  [{ taskRetentionDays: 'many' }, 'taskRetentionDays'],
  [{ logRetentionDays: 31 }, 'logRetentionDays'],
  [{ alarmEmail: 'nobody' }, 'alarmEmail'],
  [{ tracing: 'yes' }, 'tracing'],
  [{ removalPolicy: 'burn' }, 'removalPolicy'],
  [{ domainName: 'media.example.com' }, 'domainName'],
  [
    { certificateArn: 'arn:aws:acm:eu-west-1:1:certificate/x', domainName: 'media.example.com' },
    'certificateArn',
  ],
  [{ webAclArn: 'arn:aws:wafv2:us-east-1:1:global/webacl/x' }, 'webAclArn'],
])('%j is refused by name', (given, name) => {
  expect(() => settings(given)).toThrow(`${name}: `);
});

test('every wrong setting is named at once', () => {
  expect(() => settings({ logLevel: 'loud', klingBaseUrl: 'kling' })).toThrow(/logLevel: .*klingBaseUrl: /);
});

test('every setting stands in the deployment guide', () => {
  const guide = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
  expect(settingNames.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
