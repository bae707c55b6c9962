import { writeFile } from 'node:fs/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describeApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { completeVideo } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { createWakeUps } from '../../lib/tasks/wake-ups.ts';
import {
  anImageTask,
  anUnconfirmedTask,
  aRender,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';
import { startTestCloud } from '../support/cloud.ts';
import { aWorkspace } from '../support/keys.ts';

// Writes what this version stores and sends, for later versions to read. Run it once for each release, and never again:
// npx node test/upgrade/write-released.ts <version>

const [version = 'unreleased'] = process.argv.slice(2);
const workspaceId = 'ws_released';
const callback = {
  url: 'https://hooks.example.com/clearmaas',
  events: ['video.completed' as const, 'video.failed' as const],
};
const membership = {
  sinceMs: startMs,
  entryId: '000001795348800#000001795348800#task',
  retryAtMs: startMs + 5_000,
};
const idOf = (number: number) => `task_${String(number).padStart(32, '0')}`;

const running = aRunningTask({ callback, render: { ...aRender, startedAtMs: startMs + 10_000 } });
const states: Record<string, Task> = {
  queued: aTask({ callback }),
  waiting: aTask({ attempts: 1, membership, notBeforeMs: startMs + 5_000 }),
  submitting: aSubmittingTask(),
  unconfirmed: anUnconfirmedTask(),
  running,
  reported: aRunningTask({ webhooks: { looks: 1, lookAtMs: startMs + 50_000, endReported: true } }),
  ended: completeVideo(running, 'https://cdn.klingai.com/bs2/video.mp4', startMs + 80_000),
  image: anImageTask(),
};
const tasks = Object.entries(states).map(
  ([name, task], index) => [name, { ...task, id: idOf(index), workspaceId }] as const,
);

const cloud = await startTestCloud();
const store = createDynamoTaskStore(cloud.table, () => startMs);
for (const [, task] of tasks) await store.create(task);
await createWorkspaceStore(cloud.table).create(aWorkspace({ id: workspaceId }));
await createKeyStore(cloud.table).create(
  describeApiKey('sk-clearmaas-released', { name: 'released', workspaceId, createdAtMs: startMs }),
);
const { Items = [] } = await cloud.sdk.dynamoDb.send(new ScanCommand({ TableName: cloud.tableName }));
await cloud.stop();

const messages: Record<string, unknown> = {};
let name = '';
const wakeUps = createWakeUps(
  {
    async send({ MessageBody }) {
      messages[name] = JSON.parse(MessageBody);
    },
  },
  { submissions: '', images: '', polls: '', callbacks: '' },
);
name = 'submit';
await wakeUps.sendSubmit(idOf(0));
name = 'image';
await wakeUps.sendMakeImage(idOf(7));
name = 'poll';
await wakeUps.sendPoll({ taskId: idOf(4), generation: 1, notFound: 0, lookedAtMs: startMs });
name = 'deliver';
await wakeUps.sendDeliver({ taskId: idOf(6), eventId: 'evt_0123456789ABCDEFGHIJKLMNOPQRSTUV' }, workspaceId);

const nameOf = (pk: string): string =>
  tasks.find(([, { id }]) => pk === `TASK#${id}`)?.[0] ?? (pk.startsWith('KEY') ? 'key' : 'workspace');
const items = Object.fromEntries(
  Items.filter(({ pk }) => pk !== 'KEYS').map((item) => [nameOf(String(item['pk'])), item]),
);
const text = JSON.stringify({ version, items, messages }, null, 2);
await writeFile(new URL('released.json', import.meta.url), `${text}\n`);
