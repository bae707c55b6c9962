import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queueArn } from '../../local/cloud/layout.ts';
import { type EventSource, type QueueHandler, startEventSource } from '../../local/event-source.ts';
import { failedMessageIds, toSqsEvent } from '../../local/sqs-event.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { silentLog } from '../support/silent-log.ts';

const anEvent = (...ids: string[]): SQSEvent =>
  toSqsEvent(
    ids.map((MessageId) => ({ MessageId })),
    queueArn('polls'),
  );

describe('what a batch answer means', () => {
  it.each([
    ['nothing', undefined, []],
    ['null', null, []],
    ['an empty list', { batchItemFailures: [] }, []],
    ['one of the batch', { batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    ['an id that is not in the batch', { batchItemFailures: [{ itemIdentifier: 'x' }] }, ['a', 'b']],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
  ])('%s', (_title, answer, failed) => {
    expect([...failedMessageIds(anEvent('a', 'b'), answer)]).toEqual(failed);
  });
});

describe('the event source', () => {
  let cloud: TestCloud;
  let source: EventSource | undefined;
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterAll(() => cloud.stop());
  /** One for each test: a poll that a test left may still take a message. */
  let queueUrl: string;
  let queues = 0;
  beforeEach(async () => {
    queues += 1;
    const { QueueUrl = '' } = await cloud.sdk.sqs.send(
      new CreateQueueCommand({ QueueName: `source-${queues}`, Attributes: { VisibilityTimeout: '60' } }),
    );
    queueUrl = QueueUrl;
  });
  afterEach(async () => {
    await source?.stop();
    source = undefined;
  });

  const start = (handler: QueueHandler, { maxConcurrency = 2, windowSeconds = 0 } = {}) => {
    source = startEventSource({
      sqs: cloud.sdk.sqs,
      queueUrl,
      queueArn: queueArn('polls'),
      batchSize: 5,
      windowSeconds,
      maxConcurrency,
      handler,
      log: silentLog,
    });
  };
  const send = (...bodies: string[]) =>
    cloud.sdk.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: bodies.map((MessageBody, index) => ({
          Id: String(index),
          MessageBody,
          MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
        })),
      }),
    );
  const counts = async () => {
    const { Attributes } = await cloud.sdk.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    return {
      waiting: Number(Attributes?.['ApproximateNumberOfMessages']),
      inHand: Number(Attributes?.['ApproximateNumberOfMessagesNotVisible']),
    };
  };
  /** Sooner than a minute, which no message that is being worked on may take here. */
  const bringBack = async (...records: SQSRecord[]) => {
    for (const { receiptHandle: ReceiptHandle } of records)
      await cloud.sdk.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 1 }),
      );
  };
  const countLeft = async () => {
    const { waiting, inHand } = await counts();
    return waiting + inHand;
  };

  it('hands over a batch with every field that Lambda gives, and deletes it', async () => {
    await send('one', 'two', 'three');
    const events: SQSEvent[] = [];
    start(async (event) => {
      events.push(event);
    });
    await expect.poll(countLeft).toBe(0);
    expect(events).toHaveLength(1);
    expect(events[0]?.Records.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
    expect(events[0]?.Records[0]).toEqual({
      messageId: expect.stringMatching(/.+/),
      receiptHandle: expect.stringMatching(/.+/),
      body: 'one',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.stringMatching(/.+/),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {
        kind: { dataType: 'String', stringValue: 'test', stringListValues: [], binaryListValues: [] },
      },
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:polls',
      awsRegion: 'us-east-1',
    });
  });

  it('brings back only the messages that the function names as failed', async () => {
    await send('good', 'bad');
    const seen: SQSRecord[] = [];
    start(async ({ Records }) => {
      seen.push(...Records);
      const failed = Records.filter(
        ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1',
      );
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await expect.poll(counts).toEqual({ waiting: 0, inHand: 1 });
    await bringBack(...seen.filter(({ body }) => body === 'bad'));
    await expect.poll(countLeft).toBe(0);
    expect(seen.map(({ body, attributes }) => `${body} ${attributes.ApproximateReceiveCount}`)).toEqual([
      'good 1',
      'bad 1',
      'bad 2',
    ]);
  });

  it('brings back the whole batch when the function throws', async () => {
    await send('one', 'two');
    const seen: SQSRecord[] = [];
    start(async ({ Records }) => {
      seen.push(...Records);
      if (Records[0]?.attributes.ApproximateReceiveCount === '1') throw new Error('out of order');
    });
    await expect.poll(() => seen).toHaveLength(2);
    await bringBack(...seen);
    await expect.poll(countLeft).toBe(0);
    expect(seen.map(({ body }) => body).toSorted()).toEqual(['one', 'one', 'two', 'two']);
  });

  it('works on several batches at a time, and on no more than it may', async () => {
    let working = 0;
    let most = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    start(async () => {
      working += 1;
      most = Math.max(most, working);
      await released;
      working -= 1;
    });
    for (let batch = 0; batch < 4; batch += 1) await send('a', 'b', 'c', 'd', 'e');
    await expect.poll(() => working).toBe(2);
    release();
    await expect.poll(countLeft).toBe(0);
    expect(most).toBe(2);
  });

  it('keeps a message for others to share its batch while there is a window', async () => {
    const batches: string[][] = [];
    start(
      async ({ Records }) => {
        batches.push(Records.map(({ body }) => body));
      },
      { maxConcurrency: 1, windowSeconds: 20 },
    );
    await send('first');
    await expect.poll(counts).toEqual({ waiting: 0, inHand: 1 });
    expect(batches).toEqual([]);
    await send('second', 'third', 'fourth', 'fifth');
    await expect.poll(() => batches).toEqual([['first', 'second', 'third', 'fourth', 'fifth']]);
  });

  it('waits for the batch in hand when it is stopped', async () => {
    let begun = false;
    let finish = () => {};
    start(async () => {
      begun = true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await send('last');
    await expect.poll(() => begun).toBe(true);
    const stopped = source?.stop();
    finish();
    await stopped;
    expect(await countLeft()).toBe(0);
  });

  it('leaves a message that fails every time to the dead-letter queue', async () => {
    await cloud.sdk.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueUrl,
        Attributes: {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('polls-dead'), maxReceiveCount: 2 }),
        },
      }),
    );
    await send('poison');
    const attempts: SQSRecord[] = [];
    start(async ({ Records }) => {
      attempts.push(...Records);
      throw new Error('cannot be read');
    });
    for (const count of [1, 2]) {
      await expect.poll(() => attempts).toHaveLength(count);
      await bringBack(...attempts.slice(-1));
    }
    const { Messages } = await cloud.sdk.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: cloud.deadLetterUrls.polls, WaitTimeSeconds: 20 }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(['poison']);
    expect(attempts).toHaveLength(2);
  });
});
