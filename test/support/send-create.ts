import type { StartOptions, VideoProvider, VideoRequest } from '../../lib/providers/provider.ts';

/** Prepares a create and sends it. */
export const sendCreate = async (provider: VideoProvider, request: VideoRequest, options: StartOptions) =>
  (await provider.prepare(request, options))();
