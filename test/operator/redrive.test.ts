import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queueNames } from '../../lib/limits.ts';
import { carryOut } from '../../operator/command-line.ts';
import { redriveProgram } from '../../operator/redrive-program.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

const redrive = async (...args: string[]) =>
  JSON.parse(
    await carryOut(
      redriveProgram,
      [...args, '--json'],
      async () => ({ ...cloud, allowPrivate: true, close: async () => undefined }),
      Date.now,
    ),
  );

test('messages that were put aside are counted and given back, and none is left behind', async () => {
  const bodies = Array.from({ length: 12 }, (_, index) => `{"taskId":"task_${index}"}`);
  for (const MessageBody of bodies)
    await cloud.sdk.sqs.send(new SendMessageCommand({ QueueUrl: cloud.deadLetterUrls.polls, MessageBody }));
  expect(await redrive('list')).toEqual({ submissions: 0, images: 0, polls: 12, callbacks: 0 });
  expect(await redrive('polls')).toEqual({ queue: 'polls', moved: 12 });
  expect(await redrive('list')).toEqual({ submissions: 0, images: 0, polls: 0, callbacks: 0 });
  const received = new Set<string>();
  while (received.size < bodies.length) {
    const { Messages = [] } = await cloud.sdk.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: cloud.queueUrls.polls,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
      }),
    );
    for (const { Body = '' } of Messages) received.add(Body);
  }
  expect([...received].sort()).toEqual(bodies.sort());
});

test.each(queueNames)(
  'the %s queue has its messages given back, and an empty one is no fault',
  async (queue) => {
    expect(await redrive(queue)).toEqual({ queue, moved: 0 });
    await cloud.sdk.sqs.send(
      new SendMessageCommand({ QueueUrl: cloud.deadLetterUrls[queue], MessageBody: '{"taskId":"task_1"}' }),
    );
    expect(await redrive(queue)).toEqual({ queue, moved: 1 });
  },
);

test('another queue is wrong usage', async () => {
  await expect(redrive('everything')).rejects.toThrow('There is no command "everything".');
});
