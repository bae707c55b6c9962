import type { JsonObject } from '../json.ts';
import { chosenBy, type ProviderSets } from '../providers/configured.ts';
import type { Clock } from '../time.ts';
import { estimateVideo } from '../usage/estimate.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { ApiContext } from './context.ts';
import { answerEstimate } from './estimate.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { ownHostsOf } from './own-hosts.ts';
import { type RequestedVideo, type RequestedVideoSettings, readRequestedVideo } from './requested-video.ts';
import { setSubmitHeaders } from './task-headers.ts';

type ReadVideoDependencies = {
  providers: ProviderSets;
  now: Clock;
  settings: RequestedVideoSettings & {
    /** Where the world reaches the gateway, if that is not where it was called. */
    publicUrl: string | undefined;
  };
};

/** Reads what a caller asks for. Throws an ApiError that names everything that is wrong with it. */
export const createReadVideo =
  ({ providers, now, settings }: ReadVideoDependencies) =>
  (c: ApiContext, body: JsonObject): RequestedVideo => {
    const workspace = c.get('workspace');
    return readRequestedVideo(body, {
      workspace,
      ownHosts: ownHostsOf(c, settings.publicUrl),
      nowMs: now(),
      providers: chosenBy(providers, workspace),
      settings,
    });
  };

/** Prices a video that is asked for as it would be accepted, and does nothing else. */
export const createEstimateVideo = (
  dependencies: ReadVideoDependencies & { prices: Pick<PriceList, 'of'> },
) => {
  const readVideo = createReadVideo(dependencies);

  return (c: ApiContext, body: JsonObject): Response => {
    const video = readVideo(c, body);
    readIdempotencyKey(c);
    const { requested, serving, prepared } = video;
    setSubmitHeaders(c, { model: requested.id, resolvedModel: serving.id }, video);
    return answerEstimate(c, requested.id, estimateVideo(dependencies.prices, serving.id, prepared.priced));
  };
};
