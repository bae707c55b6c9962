import { currentEnvironment } from '../lib/config.ts';
import { startInstance } from './instance.ts';
import { isConfigured, isFake, providers } from './providers.ts';
import { readSettings, type Settings, withEnvFile } from './settings.ts';
import type { Stack } from './stack.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

const providerWords = ({ PROVIDERS, variables }: Settings): string =>
  providers
    .map((provider) => {
      if (isFake(provider, PROVIDERS, variables)) return `${provider.name}: fake`;
      const address = variables[provider.baseUrl];
      if (address) return `${provider.name}: ${new URL(address).host}`;
      return `${provider.name}: ${isConfigured(provider, variables) ? 'live' : `off (set ${provider.key})`}`;
    })
    .join(', ');

const announce = ({ url, apiKey, callbackSecret }: Stack, settings: Settings) =>
  print(`listening on ${url}

  API key          ${apiKey}
  callback secret  ${callbackSecret}
  providers        ${providerWords(settings)}

Try it:

  curl -s ${url}/v1/video/generations \\
    -H 'Authorization: Bearer ${apiKey}' \\
    -H 'Content-Type: application/json' \\
    -d '{"model": "kling/kling-v2-6", "prompt": "A paper boat on a rainy street", "metadata": {"duration": 5}}'

Ctrl-C ends it.`);

const start = async () => {
  const settings = readSettings(withEnvFile('.env', currentEnvironment()));
  const stack = await startInstance(settings);
  const stop = async () => {
    // A second Ctrl-C ends it at once.
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await stack.stop();
    process.exit();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  announce(stack, settings);
};

try {
  await start();
} catch (error) {
  process.stderr.write(`The gateway cannot start. ${(error as Error).message}\n`);
  process.exit(1);
}
