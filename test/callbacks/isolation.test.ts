import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { secondMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { neverAnswer, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';

const places = 20;
const healthyCount = 60;
const deadCount = 30;

let deliveries: Deliveries;
let healthyReceiver: Receiver;
let deadReceiver: Receiver;
beforeAll(async () => {
  deliveries = await startDeliveries();
  healthyReceiver = await startScriptedReceiver();
  deadReceiver = await startScriptedReceiver({ answer: neverAnswer });
});
afterAll(async () => {
  await deadReceiver.stop();
  await healthyReceiver.stop();
  await deliveries.stop();
});

/** Works on so many messages at once as the event source does, and honours the delays of wake-ups. */
const startWorkers = () => {
  const queue: Task[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const byId = new Map<string, Task>();
  const fill = () => {
    while (running.size < places && queue.length > 0) {
      const work = deliveries
        .deliver(queue.shift() as Task, { wakeUps: { sendDeliver: wake } })
        .finally(() => {
          running.delete(work);
          fill();
        });
      running.add(work);
    }
  };
  const add = (task: Task) => {
    byId.set(task.id, task);
    queue.push(task);
    fill();
  };
  const wake = async ({ taskId }: { taskId: string }, _group: string, delaySeconds = 0) => {
    timers.add(setTimeout(() => add(byId.get(taskId) as Task), Math.max(0, delaySeconds) * secondMs));
  };
  const stop = async () => {
    queue.length = 0;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all(running);
    for (const timer of timers) clearTimeout(timer);
  };
  return { add, stop };
};

it('one receiver that never answers does not hold up the others', async () => {
  const dead: Task[] = [];
  const healthy: Task[] = [];
  for (let index = 0; index < deadCount; index += 1)
    dead.push(await deliveries.anEndedTask(deadReceiver.url));
  for (let index = 0; index < healthyCount; index += 1)
    healthy.push(await deliveries.anEndedTask(healthyReceiver.url));

  const workers = startWorkers();
  // The dead ones come first and are more than there are places: without a limit they would take them all.
  for (const task of [...dead, ...healthy]) workers.add(task);
  await healthyReceiver.hasReceived(healthyCount);

  expect(deadReceiver.connections()).toBeLessThanOrEqual(4);
  await deadReceiver.stop();
  await workers.stop();
  const ids = new Set(healthyReceiver.received.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(healthyCount);
  const states = await Promise.all(dead.map(deliveries.deliveryOf));
  expect(states.filter((delivery) => delivery?.attempts === 0).length).toBeGreaterThan(deadCount - 12);
});
