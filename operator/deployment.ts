import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAccess } from '../lib/aws/access.ts';
import { createDynamoTable } from '../lib/aws/dynamo-table.ts';
import type { Queues } from '../lib/aws/queues.ts';
import { createSqsQueues } from '../lib/aws/sqs-queues.ts';
import type { Table } from '../lib/aws/table.ts';
import { exportEnvironment } from '../lib/config.ts';
import type { QueueUrls } from '../lib/tasks/wake-ups.ts';
import type { SdkClients } from '../local/cloud/sdk-clients.ts';
import { openCloud } from '../local/data/open-cloud.ts';
import { withEnvFile } from '../local/env-file.ts';
import { readSettings } from '../local/settings.ts';
import { type CredentialStore, createCredentialStore } from './credential-store.ts';

/** A gateway that an operator works on: one on this machine, or one that a stack deployed. */
export type Deployment = {
  table: Table;
  queues: Queues;
  /** For what only an operator does: counting, taking and moving messages. */
  sdk: Pick<SdkClients, 'sqs'>;
  queueUrls: QueueUrls;
  deadLetterUrls: QueueUrls;
  /** Of the providers; a gateway on this machine has them in its environment. */
  credentials?: CredentialStore;
  /** Whether callbacks may go to http and to private addresses. */
  allowPrivate: boolean;
  close(): Promise<void>;
};

export type Place = { stack?: string; region?: string };
type Variables = Record<string, string | undefined>;

export const openDeployment = ({ stack, region }: Place, variables: Variables): Promise<Deployment> =>
  stack === undefined ? openLocal(variables) : openStack(stack, region);

const openLocal = async (variables: Variables): Promise<Deployment> => {
  const settings = readSettings(withEnvFile('.env', variables));
  const cloud = await openCloud(settings.DATA_DIR);
  return { ...cloud, allowPrivate: settings.variables['CALLBACK_ALLOW_PRIVATE'] !== 'false' };
};

const openStack = async (stack: string, region: string | undefined): Promise<Deployment> => {
  if (region !== undefined) exportEnvironment({ AWS_REGION: region });
  const client = new CloudFormationClient();
  const outputs = await stackOutputs(client, stack).finally(() => client.destroy());
  const output = (name: string): string => {
    const value = outputs.get(name);
    if (value === undefined)
      throw new Error(`The stack ${stack} has no output ${name}. Deploy this version of the gateway first.`);
    return value;
  };
  // Wherever the SDK looks: variables, profiles, single sign-on.
  const aws = createAccess(await client.config.region(), () => client.config.credentials());
  // A queue's URL may name another host than the endpoint that was set; the endpoint wins.
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  return {
    table: createDynamoTable(output('TableName'), aws),
    queues: createSqsQueues(aws),
    sdk: { sqs },
    queueUrls: {
      submissions: output('SubmissionsQueueUrl'),
      images: output('ImagesQueueUrl'),
      polls: output('PollsQueueUrl'),
      callbacks: output('CallbacksQueueUrl'),
    },
    deadLetterUrls: {
      submissions: output('SubmissionsDeadLettersUrl'),
      images: output('ImagesDeadLettersUrl'),
      polls: output('PollsDeadLettersUrl'),
      callbacks: output('CallbacksDeadLettersUrl'),
    },
    credentials: createCredentialStore({
      video: output('VideoCredentialsSecret'),
      image: output('ImageCredentialsSecret'),
    }),
    allowPrivate: false,
    close: async () => sqs.destroy(),
  };
};

const stackOutputs = async (client: CloudFormationClient, stack: string): Promise<Map<string, string>> => {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (error) {
    throw new Error(
      `The stack ${stack} cannot be read (${(error as Error).message}). Check its name, the region and your AWS credentials.`,
      { cause: error },
    );
  }
};
