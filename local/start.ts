import { currentEnvironment } from '../lib/config.ts';
import { formatLinesWith } from '../lib/observability/log.ts';
import { unreadNames, withEnvFile } from './env-file.ts';
import { startInstance } from './instance.ts';
import { endIfGivenArguments } from './only-help.ts';
import { readableLine } from './readable-line.ts';
import { readSettings, startVariables } from './settings.ts';
import { welcome } from './welcome.ts';

const usage = `Runs the whole gateway on this machine, with fakes of the providers unless PROVIDERS=live.

Usage: npm start

Its settings are variables of the environment or of a file .env: ${startVariables.join(', ')} and those of
the functions. docs/local.md says what each means.
`;

const print = (text: string) => process.stdout.write(`${text}\n`);

const start = async () => {
  for (const sentence of unreadNames('.env')) process.stderr.write(`${sentence}\n`);
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

endIfGivenArguments(usage);
try {
  await start();
} catch (error) {
  process.stderr.write(`The gateway cannot start. ${(error as Error).message}\n`);
  process.exit(1);
}
