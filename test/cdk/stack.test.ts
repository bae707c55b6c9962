import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string };

let template: Template;
beforeAll(() => {
  ({ template } = synthesise());
});

const all = (type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];
/** The functions of the gateway by the first word of their logical ids. */
const functionNamed = (name: string): Resource => {
  const found = all('AWS::Lambda::Function').find(([id]) => id.startsWith(name));
  if (!found) throw new Error(`there is no function ${name}`);
  return found[1];
};

describe('what is accepted is kept', () => {
  test('the table survives the stack, can be rolled back to any second and forgets by its own rule', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
      },
    });
  });

  test('the table has the three indexes of the design, of keys only', () => {
    const index = (name: string, partition: [string, string], sort: [string, string]) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: partition[0], KeyType: 'HASH' },
        { AttributeName: sort[0], KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: Match.arrayWith([
        { AttributeName: 'dueShard', AttributeType: 'N' },
        { AttributeName: 'dueAtMs', AttributeType: 'N' },
      ]),
      GlobalSecondaryIndexes: [
        index('by-workspace', ['workspaceId', 'S'], ['createdOrder', 'S']),
        index('by-end', ['workspaceId', 'S'], ['endedOrder', 'S']),
        index('by-due', ['dueShard', 'N'], ['dueAtMs', 'N']),
      ],
    });
  });

  test('every queue puts a message aside after five failures and keeps it for 14 days', () => {
    const queues = all('AWS::SQS::Queue').map(([, queue]) => queue.Properties);
    const redrives = queues.flatMap((queue) => queue['RedrivePolicy'] ?? []);
    expect(queues).toHaveLength(8);
    expect(redrives).toHaveLength(4);
    for (const redrive of redrives) expect(redrive).toMatchObject({ maxReceiveCount: 5 });
    expect(queues.filter((queue) => queue['MessageRetentionPeriod'] === 14 * 86_400)).toHaveLength(4);
  });

  test('a message stays hidden for six times the time-out of the function that works on it', () => {
    const hiddenSeconds = all('AWS::SQS::Queue').flatMap(
      ([, queue]) => queue.Properties['VisibilityTimeout'] ?? [],
    );
    const timeouts = ['SubmitVideo', 'MakeImage', 'PollVideo', 'Deliver'].map(
      (name) => functionNamed(name).Properties['Timeout'],
    );
    expect(hiddenSeconds).toEqual(timeouts.map((seconds) => 6 * Number(seconds)));
  });

  test('the bucket and the secrets survive the stack, but not a first deployment that fails', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::SecretsManager::Secret'])
      template.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('an image that takes minutes holds up no video: it has a queue and a function of its own', () => {
    expect(functionNamed('MakeImage').Properties).toMatchObject({ Timeout: 330 });
    expect(functionNamed('SubmitVideo').Properties).toMatchObject({ Timeout: 55 });
  });

  test('a trial leaves nothing behind', () => {
    const trial = synthesise({}, 'trial').template;
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'])
      trial.hasResource(type, { DeletionPolicy: 'Delete' });
    trial.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  });
});

describe('functions', () => {
  test('all six run on Node 24 on ARM, as ES modules, with logs that end', () => {
    const functions = all('AWS::Lambda::Function');
    expect(functions).toHaveLength(6);
    for (const [, { Properties }] of functions)
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    template.resourceCountIs('AWS::Logs::LogGroup', 6);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('no secret and no permission to call private addresses stands in an environment', () => {
    for (const [, { Properties }] of all('AWS::Lambda::Function')) {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      expect(Object.keys(Variables).filter((name) => /_(KEY|TOKEN|PASSWORD)$/.test(name))).toEqual([]);
      expect(Variables).not.toHaveProperty('CALLBACK_ALLOW_PRIVATE');
    }
  });

  test('only who may read the credentials is told where they are', () => {
    const told = all('AWS::Lambda::Function').filter(([, { Properties }]) => {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      return 'CREDENTIALS_SECRET_IDS' in Variables;
    });
    expect(told.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'Api',
      'MakeImage',
      'PollVideo',
      'SubmitVideo',
    ]);
  });

  test('polls are collected into batches where a deployment with a steady load asks for it', () => {
    const { template } = synthesise({ pollWindowSeconds: 2 });
    template.resourcePropertiesCountIs(
      'AWS::Lambda::EventSourceMapping',
      { MaximumBatchingWindowInSeconds: 2 },
      1,
    );
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5,
      MaximumBatchingWindowInSeconds: 2,
    });
  });

  test('batches name the messages that failed, and no queue can use up the account', () => {
    const mappings = all('AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping.Properties);
    expect(mappings.map((mapping) => mapping['BatchSize'])).toEqual([1, 1, 5, 1]);
    // With a window, Lambda holds a lone message back for up to 20 s.
    expect(mappings.map((mapping) => mapping['MaximumBatchingWindowInSeconds'])).toEqual([0, 0, 0, 0]);
    for (const mapping of mappings)
      expect(mapping).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: expect.any(Number) },
      });
  });

  test('a function that a queue wakes may wake itself for as long as a task takes', () => {
    const woken = all('AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties['FunctionName'],
    );
    const allowed = all('AWS::Lambda::Function').filter(
      ([, { Properties }]) => Properties['RecursiveLoop'] === 'Allow',
    );
    expect(allowed.map(([id]) => ({ Ref: id }))).toEqual(expect.arrayContaining(woken));
    expect(allowed).toHaveLength(woken.length);
  });

  test('the sweep runs each minute, and a failed one is left to the next', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } })],
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });

  test('traces are off, and on by a setting', () => {
    template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: Match.absent() });
    synthesise({ tracing: true }).template.allResourcesProperties('AWS::Lambda::Function', {
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('concurrency can be kept free for the API', () => {
    expect(functionNamed('Api').Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    synthesise({ apiReservedConcurrency: 20 }).template.hasResourceProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: 20,
    });
  });
});

describe('a deployment that copies results', () => {
  let copying: Template;
  beforeAll(() => {
    ({ template: copying } = synthesise({ copyResults: true, taskRetentionDays: 90 }));
  });

  test('tells its functions so, and keeps the copies as long as the tasks', () => {
    copying.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ COPY_RESULTS: 'true' }) },
    });
    copying.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Prefix: 'results/', ExpirationInDays: 91 })]),
      },
    });
  });

  test('gives polls the time and memory for it, and hides their messages long enough', () => {
    copying.hasResourceProperties('AWS::Lambda::Function', { Timeout: 150, MemorySize: 512 });
    copying.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 900 });
  });

  test('watches whether it succeeds', () => {
    copying.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ResultCopyFailures',
      AlarmDescription: Match.stringLikeRegexp('docs/runbook\\.md, "Results are not copied"'),
    });
    expect(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')).toContain(
      '\n## Results are not copied\n',
    );
  });

  test('is none unless it is asked for', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ COPY_RESULTS: 'false' }) },
    });
    expect(functionNamed('PollVideo').Properties).toMatchObject({ Timeout: 30, MemorySize: 256 });
  });
});

describe('the endpoint', () => {
  test('is a Function URL that streams, and an output', () => {
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' });
    template.hasOutput('EndpointUrl', {});
    template.resourceCountIs('AWS::CloudFront::Distribution', 0);
  });

  test('can be a domain of one’s own behind CloudFront and WAF, which then is the public address everywhere', () => {
    const { template: behindDomain } = synthesise({
      domainName: 'media.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
      webAclArn: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/1/1',
    });
    behindDomain.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['media.example.com'],
        WebACLId: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/1/1',
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' },
      },
    });
    behindDomain.hasOutput('EndpointUrl', { Value: 'https://media.example.com' });
    behindDomain.hasOutput('DnsTarget', {});
    behindDomain.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ PUBLIC_URL: 'https://media.example.com' }) },
    });
  });

  test('cannot be reached round CloudFront and WAF: a secret header is looked up at deployment and by the API', () => {
    const { template: behindDomain } = synthesise({
      domainName: 'media.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
    });
    const [{ Properties } = expect.fail('there is no distribution')] = Object.values(
      behindDomain.findResources('AWS::CloudFront::Distribution'),
    );
    const [origin] = Properties['DistributionConfig'].Origins;
    const [header] = origin.OriginCustomHeaders;
    expect(header.HeaderName).toBe('x-clear-origin-secret');
    expect(JSON.stringify(header.HeaderValue)).toMatch(
      /resolve:secretsmanager:.*OriginSecret.*:SecretString:ORIGIN_SECRET/,
    );
    const [api] = Object.entries(behindDomain.findResources('AWS::Lambda::Function')).filter(([id]) =>
      id.startsWith('Api'),
    );
    expect(JSON.stringify(api)).toMatch(/CREDENTIALS_SECRET_IDS.*OriginSecret/);
    template.resourcePropertiesCountIs(
      'AWS::SecretsManager::Secret',
      { Description: Match.stringLikeRegexp('CloudFront') },
      0,
    );
  });
});

describe('privacy', () => {
  test('the bucket is closed to the public and to plain http, and forgets', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ Prefix: 'inputs/', ExpirationInDays: 3 }),
          Match.objectLike({ Prefix: 'images/', ExpirationInDays: 2 }),
          Match.objectLike({ Prefix: 'results/', ExpirationInDays: 31 }),
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
        ],
      },
    });
    for (const type of ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'])
      template.allResourcesProperties(type, {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      });
  });

  test('queues are encrypted', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
  });

  test('the key that signs links is made up once: what makes it never changes', () => {
    const [[id, secret] = expect.fail('there is no key')] = all('AWS::SecretsManager::Secret').filter(
      ([id]) => id.startsWith('LinkSigningKey'),
    );
    expect(id).toBe('LinkSigningKeySecretA3415F30');
    // Released. With one letter changed here, CloudFormation would make another key, and all links would end.
    expect(secret.Properties['GenerateSecretString']).toEqual({
      SecretStringTemplate: '{}',
      GenerateStringKey: 'LINK_SIGNING_KEY',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  test('no deployment writes over the credentials that were entered', () => {
    const secrets = all('AWS::SecretsManager::Secret').filter(([id]) => id.includes('Credentials'));
    expect(secrets).toHaveLength(2);
    for (const [, { Properties }] of secrets) expect(Object.keys(Properties)).toEqual(['Description']);
  });
});

describe('alarms', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

  test('each names a heading of the runbook that exists', () => {
    const alarms = all('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(12);
    for (const [, { Properties }] of alarms) {
      const [, heading] = /docs\/runbook\.md, "(.+)"/.exec(String(Properties['AlarmDescription'])) ?? [];
      expect(runbook).toContain(`\n## ${heading}\n`);
    }
  });

  test('one tells when somebody has waited for a slot for half an hour', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([
        Match.objectLike({
          MetricStat: Match.objectLike({
            Metric: Match.objectLike({ MetricName: 'OldestQueueWait' }),
            Stat: 'Maximum',
          }),
        }),
      ]),
      Threshold: 30 * 60 * 1_000,
      TreatMissingData: 'notBreaching',
    });
  });

  test('one tells when a workspace has used up its budget', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'BudgetsExhausted',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp('docs/runbook\\.md, "A budget is used up"'),
    });
  });

  test('one tells when a cost was not booked', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'BookkeepingFailures',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmDescription: Match.stringLikeRegexp('docs/runbook\\.md, "Costs are not booked"'),
    });
  });

  test('with an address they send mail when they begin and when they end', () => {
    const { template: watched } = synthesise({ alarmEmail: 'night@example.com' });
    watched.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'night@example.com' });
    watched.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [Match.anyValue()],
      OKActions: [Match.anyValue()],
    });
  });
});
