import type { ImageRequest } from '../image-provider.ts';

const wireNames = {
  user: 'user',
  background: 'background',
  outputFormat: 'output_format',
  outputCompression: 'output_compression',
  moderation: 'moderation',
  aspectRatio: 'aspect_ratio',
  resolution: 'resolution',
} as const satisfies Partial<Record<keyof ImageRequest, string>>;

/** Names what a provider has no field for. Leaving out an `auto` changes nothing. */
export const leftOutNotes = (
  request: ImageRequest,
  unsupported: readonly (keyof typeof wireNames)[],
): string[] => {
  const names = unsupported
    .filter((field) => request[field] !== undefined && request[field] !== 'auto')
    .map((field) => wireNames[field]);
  return names.length === 0 ? [] : [`not supported by this model and left out: ${names.join(', ')}`];
};
