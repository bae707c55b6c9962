import { neededCredentials } from '../lib/providers/accounts.ts';
import type { ProviderDescriptor } from '../lib/providers/descriptor.ts';
import { registry } from '../lib/providers/registry.ts';
import { magicWords } from '../lib/sandbox/magic-prompts.ts';
import { baseUrlOf, isConfigured, isFake } from './providers.ts';
import type { Settings } from './settings.ts';
import type { Stack } from './stack.ts';

/** What `npm start` says when it is ready. */
export const welcome = (
  { url, apiKey, callbackSecret }: Pick<Stack, 'url' | 'apiKey' | 'callbackSecret'>,
  settings: Settings,
): string =>
  [
    `listening on ${url}`,
    columns([
      ['in a browser', settings.CONSOLE ? `${url}/console` : `${url}/`],
      ['its API', `${url}/openapi.json`],
      ...registry.descriptors.map((provider) => [provider.name, stateOf(provider, settings)] as const),
    ]),
    `In another terminal:\n\n${indent(exports({ url, apiKey, callbackSecret }))}`,
    ...firstStep(settings),
    `A test key makes videos and images for nothing, here and on AWS, without any provider (docs/testing.md):\n\n${indent('npm run keys -- create --name ci --test')}`,
    `Ctrl-C ends it. What happens is told here, a line each:\n`,
  ].join('\n\n');

const exports = ({ url, apiKey, callbackSecret }: Pick<Stack, 'url' | 'apiKey' | 'callbackSecret'>): string =>
  [
    `export CLEARMAAS_URL=${url}`,
    `export CLEARMAAS_API_KEY=${apiKey}`,
    `export CLEARMAAS_CALLBACK_SECRET=${callbackSecret}`,
  ].join('\n');

const stateOf = (provider: ProviderDescriptor, { PROVIDERS, variables }: Settings): string => {
  if (isFake(provider, PROVIDERS, variables)) return 'a fake on this machine: costs nothing';
  const address = variables[baseUrlOf(provider)];
  if (address) return `called at ${new URL(address).host}`;
  return isConfigured(provider, variables)
    ? 'live: what you make is paid for'
    : `off: set ${neededCredentials([provider])}`;
};

/** Something that can be made here, or what is missing. */
const firstStep = ({ PROVIDERS, variables }: Settings): string[] => {
  const canUse = (provider: ProviderDescriptor) =>
    isFake(provider, PROVIDERS, variables) ||
    Boolean(variables[baseUrlOf(provider)]) ||
    isConfigured(provider, variables);
  const usable = registry.descriptors.find(canUse);
  if (usable === undefined)
    return [
      `Nothing can be made with this key: PROVIDERS=live needs the credentials of a provider. Set ${neededCredentials(registry.descriptors)}, or leave PROVIDERS out to use the fakes.`,
    ];
  const call = `curl -s $CLEARMAAS_URL${pathOf[usable.kind]} \\
  -H "Authorization: Bearer $CLEARMAAS_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '${bodyFor(usable)}'`;
  if (!isFake(usable, PROVIDERS, variables)) return [indent(call)];
  return [
    indent(call),
    `Words in a prompt that choose what happens:\n\n${columns(magicWords.map(({ word, meaning }) => [word, meaning]))}`,
  ];
};

const pathOf = { video: '/v1/video/generations', image: '/v1/images/generations' };

/** A request for the first of its models that is not about to go. */
const bodyFor = ({ models }: ProviderDescriptor): string => {
  const model = models.find(({ shutdownDate }) => shutdownDate === undefined);
  return `{"model": "${model?.id}", "prompt": "A paper boat on a rainy street"}`;
};

const indent = (text: string): string => text.replace(/^/gm, '  ');

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return indent(rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n'));
};
