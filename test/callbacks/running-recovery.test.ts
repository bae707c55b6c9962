import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createRecoverPage,
  createStartRecovery,
  type RecoveryInput,
  recoveryMessage,
} from '../../lib/callbacks/recovery.ts';
import { createRunningRecovery, type RunningRecovery } from '../../lib/callbacks/running-recovery.ts';
import { hourMs, minuteMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';

let deliveries: Deliveries;
let running: RunningRecovery;
beforeAll(async () => {
  deliveries = await startDeliveries();
  running = createRunningRecovery(deliveries.cloud.table, deliveries.now);
});
afterAll(() => deliveries.stop());

const range = { sinceMs: 1_000, untilMs: 2_000 };

it('is one for a workspace, of twenty that are asked for at once', async () => {
  const sent: RecoveryInput[] = [];
  const start = createStartRecovery(running, async (recovery) => void sent.push(recovery));
  await Promise.all(Array.from({ length: 20 }, () => start('ws_twenty', range)));
  const begun = await Promise.all(sent.map(({ recoveryId }) => running.extend('ws_twenty', recoveryId)));
  expect(begun.filter(Boolean)).toHaveLength(1);
  expect(await start('ws_twenty', range)).toMatchObject(range);
  expect(await start('ws_other', range)).toBe('begun');
});

it('gives way, while no page was begun, only to one that does as much', async () => {
  const day = { sinceMs: 1_000, untilMs: 9_000 };
  expect(await running.begin('ws_way', 'one', day)).toBe('begun');
  expect(await running.begin('ws_way', 'later', { ...day, sinceMs: 1_001 })).toMatchObject(day);
  expect(await running.begin('ws_way', 'shorter', { ...day, untilMs: 8_999 })).toMatchObject(day);
  expect(await running.begin('ws_way', 'repeat', day)).toBe('begun');
  expect(await running.extend('ws_way', 'one')).toBe(false);
  expect(await running.extend('ws_way', 'repeat')).toBe(true);
  expect(await running.begin('ws_way', 'next', day)).toMatchObject(day);
});

it('can begin anew when the one before has ended, or was lost', async () => {
  expect(await running.begin('ws_again', 'one', range)).toBe('begun');
  expect(await running.extend('ws_again', 'one')).toBe(true);
  expect(await running.begin('ws_again', 'two', range)).toMatchObject(range);
  await running.end('ws_again', 'two');
  expect(await running.begin('ws_again', 'two', range)).toMatchObject(range);
  await running.end('ws_again', 'one');
  expect(await running.begin('ws_again', 'two', range)).toBe('begun');
  deliveries.pass(10 * minuteMs + 1);
  expect(await running.begin('ws_again', 'three', range)).toBe('begun');
  expect(await running.extend('ws_again', 'two')).toBe(false);
  expect(await running.extend('ws_again', 'three')).toBe(true);
  deliveries.backToNow();
});

it('leaves no lease behind when its first message cannot be sent', async () => {
  const failing = createStartRecovery(running, () => Promise.reject(new Error('the queue is away')));
  await expect(failing('ws_unsent', range)).rejects.toThrow('away');
  expect(await running.begin('ws_unsent', 'next', range)).toBe('begun');
});

/** Works on one page, and answers what is handed on. */
const pageOf = async (recovery: RecoveryInput) => {
  const handedOn: RecoveryInput[] = [];
  const recoverPage = createRecoverPage({
    ...deliveries.dependencies,
    running,
    workspaceEventIds: () => [],
    continueRecovery: async (rest) => void handedOn.push(rest),
  });
  await recoverPage(recoveryMessage.parse({ recovery }).recovery);
  return handedOn;
};

it('stops where its lease has gone to another', async () => {
  for (let count = 0; count < 101; count += 1) await deliveries.anEndedTask('https://hooks.example.com');
  const workspaceId = deliveries.workspace.id;
  const times = { sinceMs: deliveries.now() - hourMs, untilMs: deliveries.now() };
  await running.begin(workspaceId, 'mine', times);
  expect(await pageOf({ workspaceId, recoveryId: 'another', ...times })).toEqual([]);
  expect(await pageOf({ workspaceId, recoveryId: 'mine', ...times })).toHaveLength(1);
});

it('looks at so many pages and no more', async () => {
  const workspaceId = deliveries.workspace.id;
  const times = { sinceMs: deliveries.now() - hourMs, untilMs: deliveries.now() };
  expect(await pageOf({ workspaceId, recoveryId: 'mine', ...times, pagesLeft: 1 })).toEqual([]);
  expect(await running.begin(workspaceId, 'next', times)).toBe('begun');
});
