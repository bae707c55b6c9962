import { accessFromEnvironment } from '../lib/aws/access.ts';
import { loadConfig, requireLinkSigningKey } from '../lib/config.ts';
import { createLetNextIn } from '../lib/tasks/let-next-in.ts';
import { createPollTask } from '../lib/tasks/poll-task.ts';
import { createRenderTimes } from '../lib/tasks/render-times.ts';
import { pollMessage } from '../lib/tasks/wake-ups.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { createFunctionLog, createPorts, createTaskDependencies } from './bootstrap/task-dependencies.ts';
import { requireVideoProvider } from './bootstrap/video-provider.ts';

const config = loadConfig();
const aws = accessFromEnvironment();
const dependencies = createTaskDependencies(
  config,
  createPorts(config, aws),
  createFunctionLog(config, 'poll-video'),
);
const renderTimes = createRenderTimes(dependencies);
const credentials = await fetchCredentials(config, aws);

/** Read only where it is wanted. */
const loadCopyResult = async () => {
  const { prepareCopyResult } = await import('./bootstrap/copy-result.ts');
  return prepareCopyResult(config, aws, requireLinkSigningKey(credentials));
};

export const handler = forEachRecord(
  pollMessage,
  createPollTask({
    ...dependencies,
    provider: requireVideoProvider(config, credentials),
    copyResult: config.COPY_RESULTS ? await loadCopyResult() : undefined,
    onSlotFreed: createLetNextIn(dependencies),
    onRenderSeen: renderTimes.learnFrom,
  }),
  dependencies.log,
);
