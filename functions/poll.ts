import { loadConfig } from '../lib/config.ts';
import { createLetNextIn } from '../lib/tasks/let-next-in.ts';
import { createPollTask } from '../lib/tasks/poll-task.ts';
import { createRenderTimes } from '../lib/tasks/render-times.ts';
import { pollMessage } from '../lib/tasks/wake-ups.ts';
import { forEachRecord } from './for-each-record.ts';
import { createTaskDependencies } from './task-dependencies.ts';
import { requireVideoProvider } from './video-provider.ts';

const config = loadConfig();
const dependencies = createTaskDependencies(config, 'poll');
const renderTimes = createRenderTimes({ ...dependencies, client: dependencies.table });
const letNextIn = createLetNextIn(dependencies.line, dependencies.wakeUps);
const { provider } = await requireVideoProvider(config);

export const handler = forEachRecord(
  pollMessage,
  createPollTask({
    ...dependencies,
    provider,
    onEnded: async (task) => {
      await letNextIn(task);
      await renderTimes.learnFrom(task);
    },
  }),
  dependencies.log,
);
