import { renderSeconds } from '../../sandbox/outcome.ts';
import { promptOf } from '../../sandbox/prompt.ts';
import type { ImageDescriptor, ProviderDescriptor, VideoDescriptor } from '../descriptor.ts';
import { createSandboxImages } from './sandbox-images.ts';
import { createSandboxVideos } from './sandbox-videos.ts';

/** It needs no credentials: one set of none is complete. */
const noCredentials: ProviderDescriptor['credentialSets'] = [[]];

/**
 * The sandbox in a provider's place, for test keys: its models, and its rules for what may be asked of them; but what is
 * asked for is drawn here, and nobody is called.
 */
export const inSandbox = (descriptor: ProviderDescriptor): ProviderDescriptor<false> =>
  descriptor.kind === 'video' ? videosInSandbox(descriptor) : imagesInSandbox(descriptor);

const videosInSandbox = (descriptor: VideoDescriptor): VideoDescriptor<false> => {
  // Nothing reports on it from outside.
  const { readWebhook: _none, ...rest } = descriptor;
  return {
    ...rest,
    livemode: false,
    credentialSets: noCredentials,
    requests: {
      ...descriptor.requests,
      prepare(input) {
        const prepared = descriptor.requests.prepare(input);
        if ('problems' in prepared) return prepared;
        const typicalSeconds = renderSeconds(promptOf(prepared.request.parameters));
        return { ...prepared, typicalSeconds };
      },
    },
    create: (_account, { sandbox, now }) => createSandboxVideos({ name: descriptor.name, ...sandbox, now }),
  };
};

const imagesInSandbox = (descriptor: ImageDescriptor): ImageDescriptor<false> => ({
  ...descriptor,
  livemode: false,
  credentialSets: noCredentials,
  create: ({ baseUrl }) =>
    createSandboxImages(descriptor.name, descriptor.create({ baseUrl, credentials: {} }, nobody)),
});

/** What plans a request calls nobody; if it did, it would reach nobody. */
const nobody: Parameters<ImageDescriptor['create']>[1] = {
  http: async () => ({ noAnswer: 'the sandbox calls nobody', mayHaveArrived: false }),
  openLink: () => Promise.reject(new Error('the sandbox calls nobody')),
};
