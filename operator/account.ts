import { parseArgs } from 'node:util';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { loadSettings } from '../cdk/settings-file.ts';
import { judgeAccountLimit } from './account-limit.ts';

/** `npm run account -- --stage production`: whether the account can carry what the settings ask for. 1: it cannot. */
const lookAtAccount = async (): Promise<void> => {
  const { values } = parseArgs({ options: { stage: { type: 'string', default: 'production' } } });
  const settings = loadSettings(values.stage);
  const client = new LambdaClient(settings.region === undefined ? {} : { region: settings.region });
  const { AccountLimit = {} } = await client.send(new GetAccountSettingsCommand());
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: unreserved = all } = AccountLimit;
  const { fits, text } = judgeAccountLimit(settings, {
    concurrentExecutions: all,
    unreservedExecutions: unreserved,
  });
  process.stdout.write(`${text}\n`);
  process.exitCode = fits ? 0 : 1;
};

try {
  await lookAtAccount();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
