import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { currentEnvironment } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { hourMs, secondMs } from '../../lib/time.ts';
import { type Deployment, openDeployment } from '../../operator/deployment.ts';
import { aTask } from '../support/a-task.ts';
import { createCallEndpoint } from './endpoint.ts';
import { mend } from './mend.ts';
import { deployedIn, type Rehearsal, type Step } from './rehearsal.ts';
import {
  createClient,
  makeTrip,
  operatorProgram,
  submitVideo,
  until,
  untilCalledBack,
  untilSucceeded,
} from './trip.ts';

const run = promisify(execFile);

const writeSettings = ({ kling, folder }: Rehearsal, changes: object = {}): Promise<void> => {
  const settings = { klingBaseUrl: kling.url, typicalRenderSeconds: 3, ...changes };
  return writeFile(join(folder, 'settings.rehearsal.json'), JSON.stringify(settings));
};
const deployStack = ({ cdk }: Rehearsal): Promise<void> => cdk('deploy', '--require-approval', 'never');

const stackOutput = async (stack: string, name: string): Promise<string> => {
  const client = new CloudFormationClient();
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  client.destroy();
  const value = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  assert(value, `the stack has no output ${name}`);
  return value;
};

/** `npm run credentials -- set KLING_API_KEY`, with the key through a pipe. */
const enterCredentials = async ({ stack, klingKey }: Rehearsal): Promise<void> => {
  const args = [operatorProgram('credentials'), 'set', 'KLING_API_KEY', '--stack', stack];
  const running = run(process.execPath, args);
  running.child.stdin?.end(`${klingKey}\n`);
  assert.match((await running).stdout, /KLING_API_KEY is entered/);
};

const deploy: Step = async (rehearsal) => {
  const { stack } = rehearsal;
  await writeSettings(rehearsal);
  await rehearsal.cdk('bootstrap', 'aws://000000000000/us-east-1');
  await deployStack(rehearsal);
  const gateway = await openDeployment({ stack }, currentEnvironment());
  await mend(gateway, await stackOutput(stack, 'TableName'));
  const endpointUrl = await stackOutput(stack, 'EndpointUrl');
  rehearsal.deployed = { gateway, endpointUrl, test: await createClient(rehearsal, endpointUrl, '--test') };
};

const refuseStrangers: Step = async (rehearsal) => {
  const { endpointUrl } = deployedIn(rehearsal);
  const call = createCallEndpoint(endpointUrl, rehearsal.cloud.port, 'sk-clearmaas-stranger');
  const { status, body } = await call('GET', '/v1/video/generations');
  assert.equal(status, 401, `a stranger got ${JSON.stringify(body)}`);
  assert.equal((body as { error: { code: string } }).error.code, 'invalid_api_key');
};

const makeForNothing: Step = async (rehearsal) => {
  const { test } = deployedIn(rehearsal);
  await makeTrip(rehearsal);
  assert.equal(rehearsal.kling.requests.length, 0, 'a test key reached a provider');
  const { body } = await test.call('GET', '/v1/events');
  const [event] = (body as { data: { data: { livemode: boolean } }[] }).data;
  assert.equal(event?.data.livemode, false);
};

const countMessages = async ({ sdk }: Deployment, QueueUrl: string): Promise<number> => {
  const { Attributes } = await sdk.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
};

/** An item that no version ever wrote: its submission fails each time, by a fault of ours. */
const putPoisonAside: Step = async (rehearsal) => {
  const { gateway } = deployedIn(rehearsal);
  const taskId = 'task_poison';
  await gateway.table.put({ Item: { pk: `TASK#${taskId}`, sk: 'TASK' } });
  await gateway.queues.send({
    QueueUrl: gateway.queueUrls.submissions,
    MessageBody: JSON.stringify({ taskId }),
  });
  await until('the poison message in its dead-letter queue', 120 * secondMs, async () =>
    (await countMessages(gateway, gateway.deadLetterUrls.submissions)) === 1 ? true : undefined,
  );
};

/** A task whose message was lost before it was sent: only the item is there. */
const wakeBySweep: Step = async (rehearsal) => {
  const { gateway, test } = deployedIn(rehearsal);
  const nowMs = Date.now();
  const task = aTask({
    id: newTaskId(),
    workspaceId: test.workspaceId,
    livemode: false,
    createdAtMs: nowMs,
    deadlineAtMs: nowMs + hourMs,
    expiresAtSeconds: Math.ceil((nowMs + hourMs) / secondMs),
    notBeforeMs: nowMs,
    request: {
      action: 'textGenerate',
      upstreamModel: 'kling-v2-6',
      parameters: { prompt: 'Lost and found', duration: '5', mode: 'std' },
    },
  });
  await createDynamoTaskStore(gateway.table, Date.now).create(task);
  await untilSucceeded(test, task.id, 150 * secondMs);
};

/** Functions that run will have read them by the time they are needed. */
const enterFirstCredentials: Step = async (rehearsal) => {
  await enterCredentials(rehearsal);
  const deployed = deployedIn(rehearsal);
  deployed.live = await createClient(rehearsal, deployed.endpointUrl);
};

const updateUnderWay: Step = async (rehearsal) => {
  const { live } = deployedIn(rehearsal);
  assert(live, 'there is no live key yet');
  rehearsal.kling.behave({ seconds: 15 });
  const taskId = await submitVideo(rehearsal, live, 'A dress rehearsal');
  await writeSettings(rehearsal, { logLevel: 'debug' });
  await rehearsal.cdk('diff');
  await deployStack(rehearsal);
  await untilSucceeded(live, taskId, 90 * secondMs);
  await untilCalledBack(rehearsal, live, taskId);
  assert.deepEqual(rehearsal.kling.tally(taskId), { asked: 1, made: 1 });
};

/** By name: MiniStack does not know a stack by its ARN, by which `cdk destroy` asks. */
const remove: Step = async ({ stack, deployed }) => {
  await deployed?.gateway.close();
  const client = new CloudFormationClient();
  await client.send(new DeleteStackCommand({ StackName: stack }));
  await until('the removal of the stack', 60 * secondMs, async () => {
    const answer = await client.send(new DescribeStacksCommand({ StackName: stack })).catch(() => undefined);
    const status = answer?.Stacks?.[0]?.StackStatus;
    return status === undefined || status === 'DELETE_COMPLETE' ? true : undefined;
  });
  client.destroy();
};

/** In this order; each builds on those before. */
export const steps: Record<string, Step> = {
  'bootstrap, deploy and a test key; no credentials': deploy,
  'a stranger is refused': refuseStrangers,
  'a video, its callback with a right signature and an image, for nothing': makeForNothing,
  'a message that cannot be worked on ends in its dead-letter queue': putPoisonAside,
  'the first credentials, and a live key': enterFirstCredentials,
  'a task whose message was lost is woken by the sweep': wakeBySweep,
  'a live video, rendered once, through an update of the functions': updateUnderWay,
  'the removal': remove,
};
