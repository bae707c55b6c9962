import { magicWords } from '../lib/sandbox/magic-prompts.ts';
import { isConfigured, isFake, type Provider, providers } from './providers.ts';
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
      ['in a browser', `${url}/`],
      ['its API', `${url}/openapi.json`],
      ...providers.map((provider) => [provider.name, stateOf(provider, settings)] as const),
    ]),
    `In another terminal:\n\n${indent(exports({ url, apiKey, callbackSecret }))}`,
    ...firstStep(settings),
    `Ctrl-C ends it. What happens is told here, a line each:\n`,
  ].join('\n\n');

const exports = ({ url, apiKey, callbackSecret }: Pick<Stack, 'url' | 'apiKey' | 'callbackSecret'>): string =>
  [
    `export CLEARMAAS_URL=${url}`,
    `export CLEARMAAS_API_KEY=${apiKey}`,
    `export CLEARMAAS_CALLBACK_SECRET=${callbackSecret}`,
  ].join('\n');

const stateOf = (provider: Provider, { PROVIDERS, variables }: Settings): string => {
  if (isFake(provider, PROVIDERS, variables)) return 'a fake on this machine: costs nothing';
  const address = variables[provider.baseUrl];
  if (address) return `called at ${new URL(address).host}`;
  return isConfigured(provider, variables)
    ? 'live: what you make is paid for'
    : `off: set ${keysOf(provider)}`;
};

const keysOf = ({ key, otherKeys }: Provider): string =>
  [key, ...(otherKeys.length > 0 ? [otherKeys.join(' and ')] : [])].join(', or ');

/** Something that can be made here, or what is missing. */
const firstStep = ({ PROVIDERS, variables }: Settings): string[] => {
  const canUse = (provider: Provider) =>
    isFake(provider, PROVIDERS, variables) ||
    Boolean(variables[provider.baseUrl]) ||
    isConfigured(provider, variables);
  const usable = providers.find(canUse);
  if (usable === undefined)
    return [
      `Nothing can be made: PROVIDERS=live needs the credentials of a provider. Set ${providers.map(keysOf).join(', or ')}, or leave PROVIDERS out to use the fakes.`,
    ];
  const call = `curl -s $CLEARMAAS_URL${examples[usable.name].path} \\
  -H "Authorization: Bearer $CLEARMAAS_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '${examples[usable.name].body}'`;
  if (!isFake(usable, PROVIDERS, variables)) return [indent(call)];
  return [
    indent(call),
    `Words in a prompt that a fake obeys:\n\n${columns(magicWords.map(({ word, meaning }) => [word, meaning]))}`,
  ];
};

const video = '/v1/video/generations';
const images = '/v1/images/generations';
const examples = {
  kling: {
    path: video,
    body: '{"model": "kling/kling-v2-6", "prompt": "A paper boat on a rainy street", "metadata": {"duration": 5}}',
  },
  openai: { path: images, body: '{"model": "openai/gpt-image-2.6-flare", "prompt": "A paper boat"}' },
  google: { path: images, body: '{"model": "google/gemini-nano-banana-2.1", "prompt": "A paper boat"}' },
  xai: { path: images, body: '{"model": "grok/grok-imagine-image", "prompt": "A paper boat"}' },
} as const;

const indent = (text: string): string => text.replace(/^/gm, '  ');

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return indent(rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n'));
};
