import { expect, it } from 'vitest';
import { createGenerateForTask } from '../../lib/images/generate-for-task.ts';
import { createProcessImageTask } from '../../lib/images/process-image-task.ts';
import { createProviderSets } from '../../lib/providers/configured.ts';
import { createOpenAiImages } from '../../lib/providers/openai/openai-images.ts';
import { registries } from '../../lib/providers/registry.ts';
import { anImageTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { answeringHttp, openNothing, readProviderFixture } from '../support/provider-answers.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

it('books what images cost that were made and could not be stored', async () => {
  const now = () => startMs;
  const { http } = answeringHttp(readProviderFixture('openai', 'generated'));
  const openai = createOpenAiImages({
    baseUrl: 'https://openai.example',
    apiKey: 'key',
    http,
    openLink: openNothing,
  });
  const sets = createProviderSets(
    { registries, variables: {}, credentials: { providers: {} } },
    { http, openLink: openNothing },
  );
  const tasks = createMemoryTaskStore(now);
  const task = anImageTask();
  await tasks.create(task);
  const processTask = createProcessImageTask({
    tasks,
    prepare: createGenerateForTask({
      providers: { ...sets, live: { ...sets.live, imageProviders: { openai } } },
      assets: { putImage: () => Promise.reject(new Error('the bucket does not answer')) },
      linkSigningKey: 'key',
      costOf: () => ({ microUsd: 40_000, source: 'provider' }),
      publicUrl: 'https://gateway.example',
      now,
      log: silentLog,
    }),
    wakeUps: createRecordedWakeUps().wakeUps,
    now,
    random: () => 0.5,
    pause: async () => {},
    log: silentLog,
  });
  await processTask(task.id);
  expect(await tasks.find(task.id)).toMatchObject({
    result: { status: 'FAILURE', reason: expect.stringContaining('could not be stored') },
    cost: { microUsd: 40_000, source: 'provider' },
  });
});
