import { functionVariables } from '../lib/config.ts';
import { providerVariables } from '../lib/providers/accounts.ts';
import { registry } from '../lib/providers/registry.ts';
import type { CloudEnvironment } from './cloud/layout.ts';
import type { Fakes } from './fakes.ts';
import { ownAddressVariables } from './providers.ts';
import type { Settings } from './settings.ts';

type FunctionEnvironmentParts = {
  settings: Settings;
  /** The gateway's own address. */
  url: string;
  linkSigningKey: string;
  cloud: CloudEnvironment;
  fakes: Pick<Fakes, 'running' | 'variables'>;
  consoleFolder?: string | undefined;
};

/** Everything that the functions read. What is exported under such a name but was not set for us is taken away. */
export const functionEnvironment = ({
  settings,
  url,
  linkSigningKey,
  cloud,
  fakes,
  consoleFolder,
}: FunctionEnvironmentParts): Record<string, string | undefined> => {
  const { variables } = settings;
  return {
    ...Object.fromEntries(readable.map((name) => [name, undefined])),
    CALLBACK_ALLOW_PRIVATE: 'true',
    ...(registry.videos.some(({ name }) => Object.hasOwn(fakes.running, name)) && {
      TYPICAL_RENDER_SECONDS: wholeSeconds(settings.STAND_IN_SECONDS),
    }),
    ...pick(variables, readable),
    ...Object.assign({}, ...registry.descriptors.map((provider) => ownAddressVariables(provider, variables))),
    ...fakes.variables,
    ...cloud,
    CONSOLE_FOLDER: consoleFolder,
    CREDENTIALS_SECRET_IDS: undefined,
    AWS_LAMBDA_FUNCTION_NAME: undefined,
    LINK_SIGNING_KEY: linkSigningKey,
    LOG_LEVEL: settings.LOG_LEVEL,
    PUBLIC_URL: settings.PUBLIC_URL ?? url,
  };
};

const readable = [...functionVariables, ...providerVariables(registry.descriptors)];

const wholeSeconds = (seconds: number) => String(Math.max(1, Math.ceil(seconds)));

const pick = (variables: Record<string, string | undefined>, names: readonly string[]) =>
  Object.fromEntries(names.filter((name) => variables[name]).map((name) => [name, variables[name]]));
