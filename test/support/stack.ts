import { makeSecrets } from '../../local/data/secrets.ts';
import { readSettings } from '../../local/settings.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startTestCloud, type TestCloud } from './cloud.ts';
import { silentLog } from './silent-log.ts';

export type TestStack = Omit<Stack, 'cloud' | 'fakes'> & {
  cloud: TestCloud;
  /** The fake for Kling, to be told how to behave and asked what it saw. */
  kling: NonNullable<Stack['fakes']['kling']>;
  fakes: Stack['fakes'];
};

export type TestStackOptions = {
  /** Settings as in the environment; they come before the defaults of a test. */
  variables?: Record<string, string>;
};

/** The whole product in this process: real functions on an empty cloud in memory, at a free port, with fakes. */
export const startTestStack = async ({ variables = {} }: TestStackOptions = {}): Promise<TestStack> => {
  const cloud = await startTestCloud();
  const settings = readSettings({ PORT: '0', STAND_IN_SECONDS: '1', LOG_LEVEL: 'silent', ...variables });
  try {
    const secrets = { ...makeSecrets(), ...chosenSecrets(settings) };
    const stack = await startStack({ settings, secrets, cloud, log: silentLog });
    const { kling } = stack.fakes;
    if (kling === undefined)
      throw new Error('A test stack needs the fake Kling; leave KLING_BASE_URL alone.');
    return {
      ...stack,
      cloud,
      kling,
      async stop() {
        await stack.stop();
        await cloud.stop();
      },
    };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
};

const chosenSecrets = ({
  CLEARMAAS_API_KEY,
  CLEARMAAS_CALLBACK_SECRET,
}: ReturnType<typeof readSettings>) => ({
  ...(CLEARMAAS_API_KEY !== undefined && { apiKey: CLEARMAAS_API_KEY }),
  ...(CLEARMAAS_CALLBACK_SECRET !== undefined && { callbackSecret: CLEARMAAS_CALLBACK_SECRET }),
});
