import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportEnvironment } from '../../lib/config.ts';
import { newWorkspaceEvent } from '../../lib/tasks/workspace-event.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let sweep: () => Promise<void>;
beforeAll(async () => {
  cloud = await startTestCloud();
  exportEnvironment({ LOG_LEVEL: 'silent' });
  sweep = (await import('../../functions/sweep.ts')).handler;
});
afterAll(() => cloud.stop());

const anEvent = (subject: string) =>
  newWorkspaceEvent(
    { workspaceId: 'ws', type: 'budget.warning', data: {}, subject },
    { nowMs: Date.now() - 1_000, expiresAtSeconds: Math.floor(Date.now() / 1000) + 86_400 },
  );

it('wakes the event of a budget behind one that cannot be read', async () => {
  const events = createWorkspaceEventStore(cloud.table, Date.now);
  const [broken, sound] = [anEvent('broken'), anEvent('sound')];
  for (const event of [broken, sound]) await events.create(event);
  await cloud.table.update({
    Key: { pk: `EVENT#${broken.id}`, sk: 'EVENT' },
    UpdateExpression: 'SET delivery = :nonsense',
    ExpressionAttributeValues: { ':nonsense': 'nonsense' },
  });
  await sweep();
  const { Messages = [] } = await cloud.sdk.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.queueUrls.callbacks, WaitTimeSeconds: 1 }),
  );
  expect(Messages.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([
    { taskId: sound.id, eventId: sound.id },
  ]);
});
