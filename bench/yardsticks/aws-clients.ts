import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { currentEnvironment } from '../../lib/config.ts';

/** The calls that no accept can do without, on the SDK's bare clients: look up, put on condition, send. */
const { TABLE_NAME: TableName = '', SUBMISSIONS_QUEUE_URL: QueueUrl = '' } = currentEnvironment();
const table = new DynamoDBClient();
const queues = new SQSClient({ useQueueUrlAsEndpoint: false });

let count = 0;
const name = () => `BENCH#${process.pid}#${count}`;

export const lookUp = () =>
  table.send(new GetItemCommand({ TableName, Key: { pk: { S: 'BENCH#key' }, sk: { S: 'BENCH' } } }));

/** About what a stored task weighs. */
const text = 'x'.repeat(1_000);

export const put = () => {
  count += 1;
  return table.send(
    new PutItemCommand({
      TableName,
      Item: { pk: { S: name() }, sk: { S: 'BENCH' }, text: { S: text } },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
};

export const send = () =>
  queues.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"taskId":"bench"}', DelaySeconds: 0 }));

export const handler = async (): Promise<void> => {
  await lookUp();
  await put();
  await send();
};
