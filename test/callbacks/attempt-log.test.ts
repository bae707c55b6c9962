import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSendCallback } from '../../lib/callbacks/send-callback.ts';
import { createSendEvent } from '../../lib/callbacks/send-event.ts';
import { createLog, type LogRecord, recordLines } from '../../lib/observability/log.ts';
import { isPublicAddress } from '../../lib/public-host.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { dayMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';

let deliveries: Deliveries;
let receiver: Receiver;
beforeAll(async () => {
  deliveries = await startDeliveries();
  receiver = await startScriptedReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await deliveries.stop();
});

describe('the log of attempts', () => {
  it('tells of each attempt when it was, how long its stages took and how it ended', async () => {
    receiver.answers(answerWith(503));
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const delivery = await deliveries.deliveryOf(task);
    expect(await deliveries.attemptsOf(task)).toEqual([
      {
        id: expect.stringMatching(/^att_/),
        taskId: task.id,
        eventId: task.delivery?.eventId,
        type: 'video.completed',
        trigger: 'auto',
        attempt: 1,
        origin: receiver.origin,
        startedAtMs: expect.any(Number),
        durationsMs: {
          connect: expect.any(Number),
          firstByte: expect.any(Number),
          total: expect.any(Number),
        },
        delivered: false,
        statusCode: 503,
        errorClass: 'http_5xx',
        cause: 'your server answered 503',
        nextAttemptAtMs: delivery?.nextAttemptAtMs,
      },
    ]);
  });

  it('is read in pages, newest first', async () => {
    receiver.answers(answerWith(404));
    const task = await deliveries.anEndedTask(receiver.url);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await deliveries.deliver(task);
      deliveries.pass(dayMs / 4);
    }
    const { attempts: store } = deliveries.dependencies;
    const first = await store.list(task.id, { limit: 2 });
    const second = await store.list(task.id, { limit: 2, after: first.attempts[1]?.id ?? '' });
    const third = await store.list(task.id, { limit: 2, after: second.attempts[1]?.id ?? '' });
    expect([first, second, third].map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
    const numbers = [first, second, third].flatMap(({ attempts }) => attempts.map(({ attempt }) => attempt));
    expect(numbers).toEqual([5, 4, 3, 2, 1]);
  });

  it.each([204, 500])(
    'is gone with a task that is deleted before its receiver answers %d',
    async (status) => {
      const task = await deliveries.anEndedTask(receiver.url);
      receiver.answers(async (response, callback) => {
        await deliveries.tasks.remove(task.id);
        await deliveries.dependencies.attempts.deleteAll(task.id);
        answerWith(status)(response, callback);
      });
      await deliveries.deliver(task);
      expect(await deliveries.attemptsOf(task)).toEqual([]);
    },
  );

  it('holds no secret, no query and no resolved address, nor does what is logged', async () => {
    const lines: LogRecord[] = [];
    const log = createLog(recordLines('debug', {}, (record) => lines.push(record)));
    const blockedSend = createSendEvent({
      now: deliveries.now,
      send: createSendCallback({
        now: deliveries.now,
        resolve: async () => ['10.20.30.40'],
        isAllowedAddress: isPublicAddress,
      }),
    });
    const workspace = { ...deliveries.workspace, callbackHeaders: { authorization: 'Bearer header-secret' } };
    const workspaces = { find: async () => workspace };
    const url = (host: string) => `${host}/hook?token=query-secret`;
    receiver.answers((response) => {
      response.writeHead(302, { location: '/next?token=query-secret' }).end('body-secret');
    });
    const attempted: Task[] = [
      await deliveries.anEndedTask(url(receiver.origin)),
      await deliveries.anEndedTask(url('https://hooks.test.example')),
    ];
    const [answered, blocked] = attempted as [Task, Task];
    await deliveries.deliver(answered, { log, workspaces });
    await deliveries.deliver(blocked, { log, workspaces, send: blockedSend });

    const { Items = [] } = await deliveries.cloud.sdk.dynamoDb.send(
      new ScanCommand({ TableName: deliveries.cloud.tableName }),
    );
    const logItems = Items.filter((item) => String(item['sk']).startsWith('ATTEMPT#'));
    const causes = await Promise.all(attempted.map(deliveries.deliveryOf));
    const seen = JSON.stringify([lines, logItems, causes.map((delivery) => delivery?.lastCause)]);
    expect(seen).toContain('redirects to');
    expect(seen).toContain('blocked_address');
    for (const secret of [
      'query-secret',
      'header-secret',
      'body-secret',
      '10.20.30.40',
      workspace.callbackSecret,
      workspace.callbackSecret.slice('whsec_'.length),
    ])
      expect(seen).not.toContain(secret);
  });
});
