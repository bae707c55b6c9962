import { type AssetStore, NotAnImageError, type StoredImage } from '../assets/asset-store.ts';
import type { FileKind } from '../assets/file-id.ts';
import type { Log } from '../log.ts';
import { BrokenAnswerError } from '../providers/image-provider.ts';
import type { Making, NotMade } from './outcome.ts';

export type KeptImage = StoredImage & { revisedPrompt: string | undefined };

export type Stored = { status: 'stored'; kept: readonly [KeptImage, ...KeptImage[]] };

type Dependencies = { assets: Pick<AssetStore, 'putImage'>; kind: FileKind; log: Log };

/** Stores images one by one as they arrive. One that is lost takes no other with it: all of them are paid for. */
export const storeImages = async (
  { made, candidate }: Making,
  atMost: number,
  { assets, kind, log }: Dependencies,
): Promise<Stored | NotMade> => {
  const kept: KeptImage[] = [];
  let lastError: unknown;
  try {
    for await (const image of made.images) {
      if (kept.length === atMost) continue;
      try {
        const stored = await assets.putImage(image.bytes, kind);
        kept.push({ ...stored, revisedPrompt: image.revisedPrompt() });
      } catch (error) {
        lastError = error;
        log.error('an image was lost on its way into the store', { error });
      }
    }
  } catch (error) {
    lastError = error;
    log.error("the provider's answer broke off", { error });
  }
  log.info('images stored', { fileIds: kept.map(({ fileId }) => fileId) });
  const [first, ...more] = kept;
  if (first !== undefined) return { status: 'stored', kept: [first, ...more] };
  return {
    status: 'not-made',
    model: candidate.requested.id,
    failure: isProvidersFault(lastError)
      ? { status: 'unclear', detail: String(lastError) }
      : { status: 'not-stored', cause: lastError },
    mayHaveBeenPaid: true,
  };
};

/** The provider's answer broke off or held something else; the rest is our own store's. */
const isProvidersFault = (error: unknown): boolean =>
  error instanceof BrokenAnswerError || error instanceof NotAnImageError;
