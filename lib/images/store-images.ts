import { type AssetStore, NotAnImageError, type StoredImage } from '../assets/asset-store.ts';
import type { Log } from '../observability/log.ts';
import type { MadeImage } from '../providers/image-provider.ts';
import type { Making, NotMade } from './outcome.ts';

export type KeptImage = StoredImage & Pick<MadeImage, 'revisedPrompt'>;
type Stored = { status: 'stored'; kept: readonly [KeptImage, ...KeptImage[]] };

type Dependencies = { assets: Pick<AssetStore, 'putImage'>; kind: 'file' | 'result'; log: Log };

/** Stores images. One that is lost takes no other with it: all of them are paid for. */
export const storeImages = async (
  { made, candidate }: Making,
  { assets, kind, log }: Dependencies,
): Promise<Stored | NotMade> => {
  const kept: KeptImage[] = [];
  let lastError: unknown;
  for (const { base64, ...described } of made.images)
    try {
      kept.push({ ...(await assets.putImage(Buffer.from(base64, 'base64'), kind)), ...described });
    } catch (error) {
      lastError = error;
      log.event('image.lost', { error });
    }
  log.event('images.stored', { fileIds: kept.map(({ fileId }) => fileId) });
  const [first, ...more] = kept;
  if (first !== undefined) return { status: 'stored', kept: [first, ...more] };
  return {
    status: 'not-made',
    model: candidate.requested.id,
    failure:
      lastError instanceof NotAnImageError
        ? { status: 'unclear', detail: lastError.message }
        : { status: 'not-stored', cause: lastError },
    mayHaveBeenPaid: true,
  };
};
