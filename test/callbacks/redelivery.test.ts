import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecoverPage, type RecoveryInput, recoveryMessage } from '../../lib/callbacks/recovery.ts';
import { createRunningRecovery } from '../../lib/callbacks/running-recovery.ts';
import { requestRedelivery } from '../../lib/tasks/redelivery.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { hourMs, secondMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';

let deliveries: Deliveries;
let receiver: Receiver;
beforeAll(async () => {
  deliveries = await startDeliveries();
});
afterAll(() => deliveries.stop());
beforeEach(async () => {
  receiver = await startScriptedReceiver();
  deliveries.backToNow();
  deliveries.wakeUps.length = 0;
});
afterEach(() => receiver.stop());

const askFor = (task: Task) =>
  deliveries.tasks.change(task.id, (current) => requestRedelivery(current, undefined, deliveries.now()));
const redeliver = async (task: Task) => {
  await askFor(task);
  await deliveries.deliver(task);
};
const aFailedAttempt = async (statusCode = 500) => {
  receiver.answers(answerWith(statusCode));
  const task = await deliveries.anEndedTask(receiver.url);
  await deliveries.deliver(task);
  receiver.answers(answerWith(204));
  return task;
};
const header = (index: number, name: string) => receiver.received[index]?.headers[name];

describe('a redelivery that the client asked for', () => {
  it('is sent at once, under the same id, with a signature of its own', async () => {
    const task = await aFailedAttempt();
    deliveries.pass(secondMs);
    await redeliver(task);
    expect(receiver.received).toHaveLength(2);
    expect(header(1, 'webhook-id')).toBe(header(0, 'webhook-id'));
    expect(header(1, 'webhook-signature')).not.toBe(header(0, 'webhook-signature'));
  });

  it('that succeeds ends the retry that was pending', async () => {
    const task = await aFailedAttempt();
    await redeliver(task);
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered', attempts: 1 });
    deliveries.pass(hourMs);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(2);
  });

  it('that fails leaves the schedule as it was and counts as no attempt', async () => {
    const task = await aFailedAttempt();
    const before = await deliveries.deliveryOf(task);
    receiver.answers(answerWith(404));
    await redeliver(task);
    expect(await deliveries.deliveryOf(task)).toEqual({
      ...before,
      lastCause: 'your server answered 404: check the path of the callback URL',
    });
  });

  it('is possible after 410, and after success', async () => {
    const gone = await aFailedAttempt(410);
    expect(await deliveries.deliveryOf(gone)).toMatchObject({ state: 'failed' });
    await redeliver(gone);
    expect(await deliveries.deliveryOf(gone)).toMatchObject({ state: 'delivered' });
    await redeliver(gone);
    expect(receiver.received).toHaveLength(3);
  });

  it('that fails after a success leaves the event delivered', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    receiver.answers(answerWith(500));
    await redeliver(task);
    const delivery = await deliveries.deliveryOf(task);
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(delivery).not.toHaveProperty('redeliverAtMs');
  });

  it('does not overlap with a scheduled attempt that is being made', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task, {
      send: async (...args) => {
        await redeliver(task);
        return deliveries.dependencies.send(...args);
      },
    });
    expect(receiver.received).toHaveLength(1);
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('follows at once on a scheduled attempt that fails meanwhile', async () => {
    receiver.answers(answerWith(500));
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task, {
      send: async (...args) => {
        await askFor(task);
        return deliveries.dependencies.send(...args);
      },
    });
    expect(deliveries.wakeUps.at(-1)?.delaySeconds).toBeLessThanOrEqual(0);
    receiver.answers(answerWith(204));
    await deliveries.deliver(task);
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it.each(['a redelivery', 'a scheduled attempt'])(
    'follows at once on %s that is answered with 410 meanwhile',
    async (what) => {
      receiver.answers(answerWith(410));
      const task = await deliveries.anEndedTask(receiver.url);
      if (what === 'a redelivery') await askFor(task);
      await deliveries.deliver(task, {
        send: async (...args) => {
          deliveries.pass(secondMs);
          await askFor(task);
          return deliveries.dependencies.send(...args);
        },
      });
      expect(deliveries.wakeUps.at(-1)?.delaySeconds).toBeLessThanOrEqual(0);
      receiver.answers(answerWith(204));
      await deliveries.deliver(task);
      expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered' });
      expect(receiver.received).toHaveLength(2);
    },
  );

  it('is in the log of attempts, without a number', async () => {
    const task = await aFailedAttempt();
    await redeliver(task);
    const attempts = await deliveries.attemptsOf(task);
    expect(attempts).toMatchObject([
      { trigger: 'auto', attempt: 1 },
      { trigger: 'manual', delivered: true },
    ]);
    expect(attempts[1]).not.toHaveProperty('attempt');
  });
});

describe('a recovery', () => {
  /** Works on all pages, as the queue would. */
  const recover = async (
    range: Omit<RecoveryInput, 'workspaceId' | 'recoveryId'>,
    betweenPages: (rest: RecoveryInput) => Promise<unknown> = async () => {},
  ) => {
    const workspaceId = deliveries.workspace.id;
    const running = createRunningRecovery(deliveries.cloud.table, deliveries.now);
    expect(await running.begin(workspaceId, 'recovery', range)).toBe('begun');
    const pages: RecoveryInput[] = [{ workspaceId, recoveryId: 'recovery', ...range }];
    const recoverPage = createRecoverPage({
      ...deliveries.dependencies,
      running,
      workspaceEventIds: () => [],
      continueRecovery: async (rest) => {
        await betweenPages(rest);
        pages.push(rest);
      },
    });
    for (const page of pages) await recoverPage(recoveryMessage.parse({ recovery: page }).recovery);
    return pages.length;
  };
  const wokenTasks = () => new Set(deliveries.wakeUps.map(({ taskId }) => taskId));
  let quietHours = 0;
  /** Later than all that other tests did. */
  const aQuietHour = () => {
    quietHours += 10;
    deliveries.pass(quietHours * hourMs);
    return deliveries.now();
  };

  it('sends what never arrived, and not what did', async () => {
    const sinceMs = aQuietHour();
    const failed = await aFailedAttempt();
    const gone = await aFailedAttempt(410);
    const arrived = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(arrived);
    deliveries.wakeUps.length = 0;
    await recover({ sinceMs, untilMs: deliveries.now() });
    expect(wokenTasks()).toEqual(new Set([failed.id, gone.id]));
    await deliveries.deliver(failed);
    await deliveries.deliver(gone);
    expect(await deliveries.deliveryOf(failed)).toMatchObject({ state: 'delivered' });
    expect(await deliveries.deliveryOf(gone)).toMatchObject({ state: 'delivered' });
  });

  it('leaves alone what ended before or after the time', async () => {
    aQuietHour();
    await aFailedAttempt();
    deliveries.pass(hourMs);
    const sinceMs = deliveries.now();
    const inside = await aFailedAttempt();
    const untilMs = deliveries.now();
    deliveries.pass(hourMs);
    await aFailedAttempt();
    deliveries.wakeUps.length = 0;
    await recover({ sinceMs, untilMs });
    expect(wokenTasks()).toEqual(new Set([inside.id]));
  });

  it('leaves alone what is about to have its first attempt', async () => {
    const sinceMs = aQuietHour();
    await deliveries.anEndedTask(receiver.url);
    await recover({ sinceMs, untilMs: deliveries.now() });
    expect(wokenTasks().size).toBe(0);
  });

  it('goes on page by page, up to its limit', async () => {
    const sinceMs = aQuietHour();
    const tasks: Task[] = [];
    for (let index = 0; index < 60; index += 1) tasks.push(await aFailedAttempt(410));
    deliveries.wakeUps.length = 0;
    expect(await recover({ sinceMs, untilMs: deliveries.now() })).toBeGreaterThan(1);
    expect(wokenTasks()).toEqual(new Set(tasks.map(({ id }) => id)));
    deliveries.wakeUps.length = 0;
    await recover({ sinceMs, untilMs: deliveries.now(), remaining: 55 });
    expect(wokenTasks().size).toBe(55);
  });

  it('goes on behind a task that is deleted meanwhile', async () => {
    const sinceMs = aQuietHour();
    const tasks: Task[] = [];
    for (let index = 0; index < 60; index += 1) tasks.push(await aFailedAttempt(410));
    deliveries.wakeUps.length = 0;
    await recover({ sinceMs, untilMs: deliveries.now() }, async ({ afterTaskId = '' }) => {
      expect(await deliveries.tasks.remove(afterTaskId)).toBe(true);
    });
    expect(wokenTasks()).toEqual(new Set(tasks.map(({ id }) => id)));
  });
});
