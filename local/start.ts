import { currentEnvironment } from '../lib/config.ts';
import { formatLinesWith } from '../lib/observability/log.ts';
import { startInstance } from './instance.ts';
import { readableLine } from './readable-line.ts';
import { readSettings, withEnvFile } from './settings.ts';
import { welcome } from './welcome.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

const start = async () => {
  const settings = readSettings(withEnvFile('.env', currentEnvironment()));
  const { LOG_FORMAT = process.stdout.isTTY ? 'text' : 'json' } = settings;
  if (LOG_FORMAT === 'text') formatLinesWith(readableLine);
  const stack = await startInstance(settings);
  const stop = async () => {
    // A second Ctrl-C ends it at once.
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await stack.stop();
    process.exit();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  print(welcome(stack, settings));
};

try {
  await start();
} catch (error) {
  process.stderr.write(`The gateway cannot start. ${(error as Error).message}\n`);
  process.exit(1);
}
