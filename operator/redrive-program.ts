import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type QueueName, queueNames } from '../lib/limits.ts';
import type { Program, Subcommand } from './command-line.ts';
import type { Deployment } from './deployment.ts';
import { textTable } from './text-table.ts';

/** Long enough that SQS asks all its servers, so that an empty answer means an empty queue. */
const waitSeconds = 1;
const maxAtOnce = 10;

/** Sent before it is deleted: a message may so come twice, which does no harm, but never not at all. */
const moveOne = async (
  client: SQSClient,
  message: Message,
  fromUrl: string,
  toUrl: string,
): Promise<void> => {
  await client.send(
    new SendMessageCommand({
      QueueUrl: toUrl,
      MessageBody: message.Body,
      MessageGroupId: message.Attributes?.MessageGroupId,
    }),
  );
  await client.send(new DeleteMessageCommand({ QueueUrl: fromUrl, ReceiptHandle: message.ReceiptHandle }));
};

const moveAll = async (client: SQSClient, fromUrl: string, toUrl: string): Promise<number> => {
  for (let moved = 0; ; ) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: fromUrl,
        MaxNumberOfMessages: maxAtOnce,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['MessageGroupId'],
      }),
    );
    if (Messages.length === 0) return moved;
    await Promise.all(Messages.map((message) => moveOne(client, message, fromUrl, toUrl)));
    moved += Messages.length;
  }
};

const countMessages = async (client: SQSClient, QueueUrl: string): Promise<number> => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
};

const list: Subcommand = {
  usage: 'list',
  summary: 'count the messages that were put aside, by queue',
  async run({ sdk, deadLetterUrls }) {
    const counts = await Promise.all(
      queueNames.map(async (name) => [name, await countMessages(sdk.sqs, deadLetterUrls[name])] as const),
    );
    return {
      text: textTable(counts.map(([name, count]) => [name, `${count}`])),
      data: Object.fromEntries(counts),
    };
  },
};

const redriveOf = (name: QueueName): Subcommand => ({
  usage: name,
  summary: `give the messages that were put aside back to the ${name} queue`,
  async run({ sdk, queueUrls, deadLetterUrls }: Deployment) {
    const moved = await moveAll(sdk.sqs, deadLetterUrls[name], queueUrls[name]);
    return { text: `${moved} messages are back in the ${name} queue.`, data: { queue: name, moved } };
  },
});

export const redriveProgram: Program = {
  name: 'redrive',
  purpose:
    'Gives messages that were put aside after five failures another chance. Do it once their cause is gone.',
  subcommands: { list, ...Object.fromEntries(queueNames.map((name) => [name, redriveOf(name)])) },
};
