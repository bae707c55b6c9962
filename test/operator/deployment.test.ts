import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { currentEnvironment, exportEnvironment } from '../../lib/config.ts';
import { openDeployment } from '../../operator/deployment.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';

let aws: AnsweringServer;
let folder: string;
beforeAll(async () => {
  aws = await startAnsweringServer();
  folder = await mkdtemp(join(tmpdir(), 'profile-'));
  await writeFile(join(folder, 'config'), '[profile operator]\nregion = eu-north-1\n');
  await writeFile(
    join(folder, 'credentials'),
    '[operator]\naws_access_key_id = AKIDOPERATOR\naws_secret_access_key = secret\n',
  );
  exportEnvironment({
    AWS_PROFILE: 'operator',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
  });
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const outputs = ['Submissions', 'Images', 'Polls', 'Callbacks'].flatMap((name) => [
  [`${name}QueueUrl`, `https://sqs.test/${name}`],
  [`${name}DeadLettersUrl`, `https://sqs.test/${name}-dead`],
]);
const stack = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>${[
  ['TableName', 'the-table'],
  ['VideoCredentialsSecret', 'video-secret'],
  ['ImageCredentialsSecret', 'image-secret'],
  ...outputs,
]
  .map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`)
  .join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

test("an operator's profile leads to the table and the queues of a stack", async () => {
  aws.answer({ status: 200, text: stack }, { status: 200, body: {} });
  const deployment = await openDeployment({ stack: 'Gateway' }, currentEnvironment());
  await deployment.table.get({ Key: { pk: 'TASK#a', sk: 'TASK' } });
  const { headers, body } = aws.requests[1] ?? {};
  expect(JSON.parse(body ?? '')).toMatchObject({ TableName: 'the-table' });
  expect(headers?.authorization).toMatch(/Credential=AKIDOPERATOR\/\d+\/eu-north-1\/dynamodb\//);
  expect(deployment.queueUrls.polls).toBe('https://sqs.test/Polls');
  await deployment.close();
});
