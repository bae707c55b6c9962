import { exportEnvironment } from '../lib/config.ts';
import { createLog, type Log, recordLines } from '../lib/observability/log.ts';
import type { Cloud } from './cloud/cloud.ts';
import { type CloudConnection, connectToCloud } from './cloud/connect.ts';
import { prepareConsole } from './console.ts';
import type { Secrets } from './data/secrets.ts';
import { type Fakes, startFakes } from './fakes.ts';
import { startFrontDoor } from './front-door.ts';
import { functionEnvironment } from './function-environment.ts';
import { importHandlers } from './handlers.ts';
import { seedLocalWorkspace } from './local-workspace.ts';
import { answerFromOwnOrigin } from './own-origin.ts';
import type { Settings } from './settings.ts';
import { startWorkers } from './workers.ts';

type StackOptions = {
  settings: Settings;
  secrets: Secrets;
  /** Runs already, in this process or another. */
  cloud: Pick<Cloud, 'ports'>;
  fakesFolder?: string;
  log?: Log;
};

export type Stack = {
  url: string;
  apiKey: string;
  callbackSecret: string;
  cloud: CloudConnection;
  fakes: Fakes['running'];
  /** Ends everything but the cloud. */
  stop(): Promise<void>;
};

type Part = 'front door' | 'workers' | 'fakes' | 'connection' | 'console';
/** First what lets work in, last what the others need. */
const stopOrder: readonly Part[] = ['front door', 'workers', 'fakes', 'connection', 'console'];

/** The whole product on one machine: the real functions, with other ends. */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { settings, secrets, cloud, fakesFolder, log = createLog(recordLines(settings.LOG_LEVEL)) } = options;
  const parts: Partial<Record<Part, { stop(): unknown }>> = {};
  const stop = async () => {
    for (const part of stopOrder) await parts[part]?.stop();
  };
  try {
    const frontDoor = await startFrontDoor(settings.PORT, log);
    parts['front door'] = frontDoor;
    const connection = await connectToCloud(cloud.ports);
    parts.connection = { stop: connection.disconnect };
    const fakes = await startFakes({
      settings,
      log,
      ...(fakesFolder !== undefined && { folder: fakesFolder }),
    });
    parts.fakes = fakes;

    const page = settings.CONSOLE ? await prepareConsole() : undefined;
    if (page !== undefined) parts.console = page;

    const { callbackSecret } = await seedLocalWorkspace(connection.table, {
      ...secrets,
      isSecretChosen: settings.CLEARMAAS_CALLBACK_SECRET !== undefined,
      now: Date.now,
    });
    exportEnvironment(
      functionEnvironment({
        settings,
        url: frontDoor.url,
        linkSigningKey: secrets.linkSigningKey,
        cloud: connection.environment,
        fakes,
        consoleFolder: page?.folder,
      }),
    );
    const handlers = await importHandlers(log);
    const { sdk, queueUrls, environment } = connection;
    parts.workers = startWorkers({ handlers, sqs: sdk.sqs, queueUrls, log });
    const ends = [environment.AWS_ENDPOINT_URL_S3, ...Object.values(fakes.running).map(({ url }) => url)];
    const api = page === undefined ? handlers.api : page.buildOnDemand(handlers.api);
    frontDoor.open(answerFromOwnOrigin(api, ends));
    return {
      url: frontDoor.url,
      apiKey: secrets.apiKey,
      callbackSecret,
      cloud: connection,
      fakes: fakes.running,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
