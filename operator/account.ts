import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { loadSettings } from '../cdk/settings-file.ts';
import { judgeAccountLimit } from './account-limit.ts';
import { complain } from './complain.ts';
import { parseArguments } from './parse-arguments.ts';

const usage = `Says whether your AWS account may run at once what the settings of a stage ask for.

Usage: npm run account -- [--stage <name>]

  --stage <name>    the settings in settings.<name>.json; production without it
  --help            this text

Ends with 0 where it may, with 1 where it may not, and with 2 where that cannot be found out.
`;

const readStage = (): string | undefined => {
  const { stage, help } = parseArguments({
    options: {
      stage: { type: 'string', default: 'production' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
  return help ? undefined : stage;
};

const lookAtAccount = async (stage: string): Promise<void> => {
  const settings = loadSettings(stage);
  const client = new LambdaClient(settings.region === undefined ? {} : { region: settings.region });
  const { AccountLimit = {} } = await client.send(new GetAccountSettingsCommand()).catch((error: Error) => {
    throw new Error(
      `Your account cannot be asked (${error.message}). Check the region and your AWS credentials.`,
      { cause: error },
    );
  });
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: unreserved = all } = AccountLimit;
  const { fits, text } = judgeAccountLimit(settings, {
    concurrentExecutions: all,
    unreservedExecutions: unreserved,
  });
  process.stdout.write(`${text}\n`);
  process.exitCode = fits ? 0 : 1;
};

try {
  const stage = readStage();
  if (stage === undefined) process.stdout.write(usage);
  else await lookAtAccount(stage);
} catch (error) {
  complain(error, usage);
  process.exitCode = 2;
}
