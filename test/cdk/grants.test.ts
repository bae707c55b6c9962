import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

type Statement = { Action: string | string[]; Resource: unknown; Effect: string };

let template: Template;
beforeAll(() => {
  ({ template } = synthesise());
});

/** What a function may do: each action with the logical id (and what follows it) of each thing it may do it to. */
const permissions = (name: string, within = template): string[] => {
  const policy = Object.entries(within.findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith(name));
  const statements: Statement[] = policy?.[1]['Properties'].PolicyDocument.Statement ?? [];
  return statements.flatMap(({ Action, Resource }) =>
    [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => `${action} on ${short(resource)}`)),
  );
};

/** `{ 'Fn::Join': ['', [{ 'Fn::GetAtt': ['TasksTable1234', 'Arn'] }, '/index/by-due']] }` as `TasksTable/index/by-due`. */
const short = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  const parts = Object.values(resource as object)[0];
  if (!('Fn::Join' in (resource as object))) return String([parts].flat()[0]).replace(/[0-9A-F]{8}$/, '');
  return parts[1].map(short).join('');
};

const may = (name: string, pattern: RegExp) =>
  permissions(name).filter((permission) => pattern.test(permission));

test('no function may do everything to anything, and none may scan the table', () => {
  for (const name of ['Api', 'SubmitVideo', 'MakeImage', 'PollVideo', 'Deliver', 'Sweep'])
    expect(
      may(name, /\*$|^\*|:\*|Scan/).filter((each) => !/(inputs|images|results)\/\*$/.test(each)),
    ).toEqual([]);
});

test.each([
  ['Api', ['ImageCredentialsSecret', 'LinkSigningKeySecret', 'VideoCredentialsSecret']],
  ['SubmitVideo', ['LinkSigningKeySecret', 'VideoCredentialsSecret']],
  ['MakeImage', ['ImageCredentialsSecret', 'LinkSigningKeySecret']],
  ['PollVideo', ['VideoCredentialsSecret']],
  ['Deliver', []],
  ['Sweep', []],
])('%s reads the secrets %j, and may do nothing else to a secret', (name, secrets) => {
  expect(may(name, /secretsmanager:/).sort()).toEqual(
    secrets.map((secret) => `secretsmanager:GetSecretValue on ${secret}`),
  );
});

test('a poller that copies results signs their links', () => {
  const copying = synthesise({ copyResults: true }).template;
  expect(permissions('PollVideo', copying)).toContain(
    'secretsmanager:GetSecretValue on LinkSigningKeySecret',
  );
});

test('each index is read only by those that list by it', () => {
  const byWorkspace = 'dynamodb:Query on TasksTable/index/by-workspace';
  expect(may('Api', /index/)).toEqual([byWorkspace, 'dynamodb:Query on TasksTable/index/by-end']);
  expect(may('Deliver', /index/)).toEqual([byWorkspace]);
  expect(may('Sweep', /index/)).toEqual(['dynamodb:Query on TasksTable/index/by-due']);
  for (const name of ['SubmitVideo', 'MakeImage', 'PollVideo']) expect(may(name, /index/)).toEqual([]);
});

test.each([
  ['Api', ['CallbacksQueue', 'ImagesQueue', 'PollsQueue', 'SubmissionsQueue']],
  ['SubmitVideo', ['CallbacksQueue', 'PollsQueue', 'SubmissionsQueue']],
  ['MakeImage', ['CallbacksQueue', 'ImagesQueue']],
  ['PollVideo', ['CallbacksQueue', 'PollsQueue', 'SubmissionsQueue']],
  ['Deliver', ['CallbacksQueue']],
  ['Sweep', ['CallbacksQueue', 'ImagesQueue', 'PollsQueue', 'SubmissionsQueue']],
])('%s wakes %j and nobody else', (name, queues) => {
  expect(
    may(name, /sqs:SendMessage/)
      .map((permission) => permission.split(' on ')[1])
      .sort(),
  ).toEqual(queues);
});

test.each([
  ['SubmitVideo', 'SubmissionsQueue'],
  ['MakeImage', 'ImagesQueue'],
  ['PollVideo', 'PollsQueue'],
  ['Deliver', 'CallbacksQueue'],
])('for %s, Lambda takes messages from %s with the rights that it asks for', (name, queue) => {
  expect(may(name, /sqs:(?!SendMessage)/)).toEqual([
    `sqs:ReceiveMessage on ${queue}`,
    `sqs:DeleteMessage on ${queue}`,
    `sqs:GetQueueAttributes on ${queue}`,
  ]);
});

test('pictures are stored by the API and deleted with their task, used and deleted by the submitter, and closed to the others', () => {
  expect(may('Api', /s3:PutObject/)).toHaveLength(3);
  expect(may('Api', /s3:DeleteObject/)).toEqual([
    's3:DeleteObject on AssetsBucket/inputs/*',
    's3:DeleteObject on AssetsBucket/results/*',
  ]);
  expect(may('SubmitVideo', /s3:DeleteObject/)).toEqual(['s3:DeleteObject on AssetsBucket/inputs/*']);
  expect(may('MakeImage', /s3:/)).toEqual([
    's3:PutObject on AssetsBucket/results/*',
    's3:AbortMultipartUpload on AssetsBucket/results/*',
  ]);
  for (const name of ['PollVideo', 'Deliver', 'Sweep']) expect(may(name, /s3:/)).toEqual([]);
});

test('only where results are copied may the poller store them, and nothing else in the bucket', () => {
  const copying = synthesise({ copyResults: true }).template;
  expect(permissions('PollVideo', copying).filter((each) => each.startsWith('s3:'))).toEqual([
    's3:PutObject on AssetsBucket/results/*',
    's3:AbortMultipartUpload on AssetsBucket/results/*',
  ]);
});
