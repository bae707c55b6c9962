import { loadConfig } from '../lib/config.ts';
import { createPollTask } from '../lib/tasks/poll-task.ts';
import { createRenderTimes } from '../lib/tasks/render-times.ts';
import { pollMessage } from '../lib/tasks/wake-ups.ts';
import { forEachRecord } from './for-each-record.ts';
import { createTaskDependencies } from './task-dependencies.ts';
import { requireVideoProvider } from './video-provider.ts';

const config = loadConfig();
const dependencies = createTaskDependencies(config, 'poll');
const { provider } = await requireVideoProvider(config);

export const handler = forEachRecord(
  pollMessage,
  createPollTask({
    ...dependencies,
    provider,
    onEnded: createRenderTimes({ ...dependencies, client: dependencies.table }).learnFrom,
  }),
  dependencies.log,
);
