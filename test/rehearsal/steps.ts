import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Webhook } from 'standardwebhooks';
import { currentEnvironment } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { hourMs, secondMs } from '../../lib/time.ts';
import { type Deployment, openDeployment } from '../../operator/deployment.ts';
import { aTask } from '../support/a-task.ts';
import { createCallEndpoint } from './endpoint.ts';
import { mend } from './mend.ts';
import { deployedIn, type Rehearsal, type Step } from './rehearsal.ts';

const run = promisify(execFile);

/** Looks again and again until there is an answer. */
const until = async <T>(what: string, patienceMs: number, look: () => Promise<T | undefined>): Promise<T> => {
  const giveUpAtMs = Date.now() + patienceMs;
  while (Date.now() < giveUpAtMs) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(500);
  }
  throw new Error(`${what} did not happen within ${patienceMs / secondMs} s`);
};

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

const operatorProgram = (name: string): string =>
  fileURLToPath(new URL(`../../operator/${name}.ts`, import.meta.url));

/** `npm run credentials -- set KLING_API_KEY`, with the key through a pipe. */
const enterCredentials = async ({ stack, klingKey }: Rehearsal): Promise<void> => {
  const args = [operatorProgram('credentials'), 'set', 'KLING_API_KEY', '--stack', stack];
  const running = run(process.execPath, args);
  running.child.stdin?.end(`${klingKey}\n`);
  assert.match((await running).stdout, /KLING_API_KEY is entered/);
};

/** `npm run keys -- create`, as an operator runs it. */
const createKey = async (stack: string): Promise<{ key: string; workspace: string }> => {
  const args = ['create', '--name', 'rehearsal', '--stack', stack, '--json'];
  const { stdout } = await run(process.execPath, [operatorProgram('keys'), ...args]);
  return JSON.parse(stdout);
};

const submitVideo = async (rehearsal: Rehearsal): Promise<string> => {
  const { status, body } = await deployedIn(rehearsal).call('POST', '/v1/video/generations', {
    model: 'kling/kling-v2-6',
    prompt: 'A dress rehearsal',
    callback_url: `${rehearsal.receiver.url}/callbacks`,
  });
  assert.equal(status, 200, `the submission was answered with ${JSON.stringify(body)}`);
  return (body as { task_id: string }).task_id;
};

const statusOf = async (rehearsal: Rehearsal, taskId: string): Promise<string> => {
  const { body } = await deployedIn(rehearsal).call('GET', `/v1/video/generations/${taskId}`);
  const { status, fail_reason } = (body as { data: { status: string; fail_reason?: string } }).data;
  assert.notEqual(status, 'FAILURE', `the task failed: ${fail_reason}`);
  return status;
};

const untilSucceeded = (rehearsal: Rehearsal, taskId: string, patienceMs: number): Promise<true> =>
  until(`the end of ${taskId}`, patienceMs, async () =>
    (await statusOf(rehearsal, taskId)) === 'SUCCESS' ? true : undefined,
  );

/** The callback of that task, with a signature that a client's library accepts. */
const untilCalledBack = (rehearsal: Rehearsal, taskId: string): Promise<true> =>
  until(`the callback of ${taskId}`, 60 * secondMs, async () => {
    const call = rehearsal.receiver.calls.find(({ body }) => body.includes(taskId));
    if (!call) return undefined;
    const webhook = new Webhook(deployedIn(rehearsal).callbackSecret);
    const event = webhook.verify(call.body, call.headers as Record<string, string>);
    assert.equal((event as { type: string }).type, 'video.completed');
    return true;
  });

const deploy: Step = async (rehearsal) => {
  await writeSettings(rehearsal);
  await rehearsal.cdk('bootstrap', 'aws://000000000000/us-east-1');
  await deployStack(rehearsal);
  const gateway = await openDeployment({ stack: rehearsal.stack }, currentEnvironment());
  await mend(gateway, await stackOutput(rehearsal.stack, 'TableName'));
  await enterCredentials(rehearsal);
  const { key, workspace } = await createKey(rehearsal.stack);
  const call = createCallEndpoint(
    await stackOutput(rehearsal.stack, 'EndpointUrl'),
    rehearsal.cloud.port,
    key,
  );
  const { status, body } = await call('GET', '/v1/callbacks/secret');
  assert.equal(status, 200, `the secret was answered with ${JSON.stringify(body)}`);
  const { secret } = body as { secret: string };
  assert.match(secret, /^whsec_/);
  rehearsal.deployed = { gateway, workspaceId: workspace, callbackSecret: secret, call };
};

const refuseStrangers: Step = async ({ stack, cloud }) => {
  const call = createCallEndpoint(
    await stackOutput(stack, 'EndpointUrl'),
    cloud.port,
    'sk-clearmaas-stranger',
  );
  const { status, body } = await call('GET', '/v1/video/generations');
  assert.equal(status, 401, `a stranger got ${JSON.stringify(body)}`);
  assert.equal((body as { error: { code: string } }).error.code, 'invalid_api_key');
};

const makeVideo: Step = async (rehearsal) => {
  const taskId = await submitVideo(rehearsal);
  await untilSucceeded(rehearsal, taskId, 60 * secondMs);
  await untilCalledBack(rehearsal, taskId);
  assert.deepEqual(rehearsal.kling.tally(taskId), { asked: 1, made: 1 });
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
  const { gateway, workspaceId } = deployedIn(rehearsal);
  const nowMs = Date.now();
  const task = aTask({
    id: newTaskId(),
    workspaceId,
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
  await untilSucceeded(rehearsal, task.id, 150 * secondMs);
};

const updateUnderWay: Step = async (rehearsal) => {
  rehearsal.kling.behave({ seconds: 15 });
  const taskId = await submitVideo(rehearsal);
  await writeSettings(rehearsal, { logLevel: 'debug' });
  await rehearsal.cdk('diff');
  await deployStack(rehearsal);
  await untilSucceeded(rehearsal, taskId, 90 * secondMs);
  await untilCalledBack(rehearsal, taskId);
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
  'bootstrap, deploy, credentials and a key': deploy,
  'a stranger is refused': refuseStrangers,
  'a video, rendered once, and its callback with a right signature': makeVideo,
  'a message that cannot be worked on ends in its dead-letter queue': putPoisonAside,
  'a task whose message was lost is woken by the sweep': wakeBySweep,
  'an update with a task under way': updateUnderWay,
  'the removal': remove,
};
