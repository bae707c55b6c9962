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
const { provider, linkSigningKey } = await requireVideoProvider(config);

/** Bundled only where it is wanted (`cdk/bundle-options.ts`): it brings the client of S3 along. */
const loadCopyResult = async () => {
  const { prepareCopyResult } = await import('./copy-result.ts');
  return prepareCopyResult(config, linkSigningKey);
};

export const handler = forEachRecord(
  pollMessage,
  createPollTask({
    ...dependencies,
    provider,
    copyResult: config.COPY_RESULTS ? await loadCopyResult() : undefined,
    onEnded: async (task) => {
      await letNextIn(task);
      await renderTimes.learnFrom(task);
    },
  }),
  dependencies.log,
);
