import { requireLinkSigningKey } from '../lib/config.ts';
import { pollMessage } from '../lib/tasks/wake-ups.ts';
import { openAccounts } from '../lib/usage/accounts.ts';
import { createPollVideo } from '../lib/videos/poll-video.ts';
import { createRenderTimes } from '../lib/videos/render-times.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { keepCurrent } from './bootstrap/keep-current.ts';
import { prepareVideoProviders } from './bootstrap/providers.ts';
import { startWorker } from './bootstrap/task-dependencies.ts';

const { config, aws, dependencies } = startWorker('poll-video', openAccounts);
const renderTimes = createRenderTimes(dependencies);
const credentials = await fetchCredentials(config, aws);

/** Read only where it is wanted. */
const copying = config.COPY_RESULTS ? await import('./bootstrap/copy-result.ts') : undefined;

const currentPoll = keepCurrent({
  credentials,
  read: () => fetchCredentials(config, aws),
  build: (credentials) =>
    createPollVideo({
      ...dependencies,
      providerOf: prepareVideoProviders(credentials, dependencies),
      copyResult: copying?.prepareCopyResult(config, aws, requireLinkSigningKey(credentials)),
      onRenderSeen: renderTimes.learnFrom,
    }),
  ...dependencies,
});

export const handler = forEachRecord(
  pollMessage,
  async (message) => (await currentPoll())(message),
  dependencies.log,
);
