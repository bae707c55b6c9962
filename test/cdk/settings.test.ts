import { readFileSync } from 'node:fs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { expect, test } from 'vitest';
import { keptDays, readSettings, settingNames } from '../../cdk/settings.ts';
import { workerConcurrency } from '../../operator/account-limit.ts';

const settings = (given: Record<string, unknown> = {}, stage = 'production') =>
  readSettings(stage, given, `settings.${stage}.json`);

test('nothing has to be set', () => {
  expect(settings()).toMatchObject({ stage: 'production', stackName: 'ClearMaasGateway', keepData: true });
});

test('another stage is a stack of its own, and its data goes with it', () => {
  expect(settings({}, 'trial')).toMatchObject({ stackName: 'ClearMaasGateway-trial', keepData: false });
  expect(settings({ removalPolicy: 'retain' }, 'trial').keepData).toBe(true);
  expect(settings({ removalPolicy: 'destroy' }).keepData).toBe(false);
});

const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
const domainName = 'media.example.com';

test.each([
  [{ submitConcurrency: 1 }, 'submitConcurrency must be a whole number from 2 to 1000'],
  [{ pollConcurrency: '7' }, 'pollConcurrency must be a whole number from 2 to 1000'],
  [{ pollWindowSeconds: 21 }, 'pollWindowSeconds must be a whole number from 0 to 20'],
  [{ deliverConcurrency: 5000 }, 'deliverConcurrency must be a whole number from 2 to 1000'],
  [{ rateLimitPerMinute: 0.5 }, 'rateLimitPerMinute must be a whole number from 1 to 1000000'],
  [{ taskRetentionDays: 'many' }, 'taskRetentionDays must be a whole number from 5 to 3650'],
  [{ taskRetentionDays: 4 }, 'since a task may run for a day and its callback be repeated'],
  [{ dueShards: 4 }, 'dueShards must be a whole number from 8 to 64'],
  [{ sweepMemoryMb: 128 }, 'sweepMemoryMb must be a whole number from 256 to 3008'],
  [{ logRetentionDays: 31 }, 'logRetentionDays must be one of 1, 3, 5, 7, 14, 30'],
  [{ logLevel: 'warn' }, 'logLevel must be "debug" or "info", since metrics and alarms are made'],
  [{ copyResults: 'yes' }, 'copyResults must be true or false, without quotes, not "yes"'],
  [{ tracing: 'true' }, 'tracing must be true or false, without quotes, not "true"'],
  [{ alarmEmail: 'nobody' }, 'alarmEmail must be one e-mail address'],
  [{ alarmEmail: 'a@example.com, b@example.com' }, 'alarmEmail must be one e-mail address'],
  [{ removalPolicy: 'burn' }, 'removalPolicy must be "retain" or "destroy", not "burn"'],
  [{ preset: 'tiny' }, 'preset must be "standard" or "small-account", not "tiny"'],
  [{ preset: 'toString' }, 'preset must be "standard" or "small-account"'],
  [{ region: 'Frankfurt' }, 'region must be a region such as "eu-central-1"'],
  [{ region: 'us-gov-west-1' }, 'China, GovCloud and the European Sovereign Cloud are not supported'],
  [{ region: 'cn-north-1' }, 'China, GovCloud and the European Sovereign Cloud are not supported'],
  [{ region: 'eusc-de-east-1' }, 'China, GovCloud and the European Sovereign Cloud are not supported'],
  [{ klingBaseUrl: 'kling' }, 'klingBaseUrl must be an https address'],
  [{ klingBaseUrl: 'http://kling.example.com' }, 'klingBaseUrl must be an https address'],
  [{ xaiBaseUrl: 'https://me:secret@proxy.example.com' }, 'xaiBaseUrl must be an https address'],
  [{ klingExtraFields: 'camera_style' }, 'klingExtraFields must be a list of field names'],
  [{ klingExtraFields: ['Camera Style'] }, 'klingExtraFields.0 must be a field name'],
  [{ domainName: 'https://media.example.com/', certificateArn }, 'domainName must be a bare host name'],
  [{ domainName: 'media', certificateArn }, 'domainName must be a bare host name'],
  [{ domainName }, 'domainName needs certificateArn'],
  [{ certificateArn }, 'certificateArn needs domainName'],
  [
    { domainName, certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1' },
    'certificateArn must be the ARN of an ACM certificate in us-east-1',
  ],
  [
    { webAclArn: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/x/1' },
    'webAclArn needs domainName, since WAF guards CloudFront',
  ],
  [
    {
      domainName,
      certificateArn,
      webAclArn: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/x/1',
    },
    'webAclArn must be the ARN of a web ACL of scope CLOUDFRONT',
  ],
  [{ submitConcurency: 5 }, 'submitConcurency is no setting; did you mean submitConcurrency?'],
  [{ copy_results: true }, 'copy_results is no setting; did you mean copyResults?'],
  [
    { klingApiKey: 'k' },
    'klingApiKey is no setting, and a secret has no place here: npm run credentials -- set KLING_API_KEY --stage production.',
  ],
  [{ OPENAI_API_KEY: 'k' }, 'npm run credentials -- set OPENAI_API_KEY'],
  [{ prices: { 'kling/kling-v2-6': 1 } }, 'prices cannot be used: kling/kling-v2-6: must be an object with'],
  [{ credentialsVersion: '2' }, 'credentialsVersion is no setting.'],
])('%j is refused with a sentence', (given, sentence) => {
  expect(() => settings(given)).toThrow(sentence);
});

test('a secret in a wrong place is not repeated', () => {
  expect(() => settings({ xaiBaseUrl: 'https://me:hunter2@proxy.example.com' })).not.toThrow(/hunter2/);
  expect(() => settings({ xaiApiKey: 'hunter2' })).not.toThrow(/hunter2/);
});

test('every wrong setting is named at once, with the file in which it stands', () => {
  expect(() => settings({ logLevel: 'loud', klingBaseUrl: 'kling', alarmMail: 'x' }, 'trial')).toThrow(
    /settings\.trial\.json(.|\n)*alarmMail (.|\n)*logLevel (.|\n)*klingBaseUrl /,
  );
});

test('a small account’s ten executions hold all workers, the sweep and the API', () => {
  const small = settings({ preset: 'small-account' });
  expect(workerConcurrency(small) + 1).toBeLessThanOrEqual(10);
  expect(workerConcurrency(settings({ preset: 'small-account', deliverConcurrency: 4 }))).toBe(
    workerConcurrency(small) + 2,
  );
});

test('logs are kept for the numbers of days that CloudWatch knows', () => {
  const known = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9_999);
  expect(keptDays).toEqual(known);
});

test('every setting stands in the deployment guide', () => {
  const guide = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
  expect(settingNames.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
