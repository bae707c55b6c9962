import { secondMs } from '../time.ts';
import type { AssetStore } from './asset-store.ts';
import { type Download, UnfitContentError } from './download.ts';
import { videoFileIdOf } from './file-id.ts';
import { fileLinkPath } from './file-link.ts';
import { readFirstBytes } from './first-bytes.ts';
import { UnfitLinkError } from './follow-link.ts';

export type CopyResultDependencies = {
  download: Download;
  assets: Pick<AssetStore, 'putVideo'>;
  linkSigningKey: string;
  /** Where links to copies lead. */
  publicUrl: string;
  /** Ends before the time-out of the function that copies. */
  timeLimitMs?: number;
};

/** Whose result it is, and how long it is kept. */
type ResultOwner = { id: string; expiresAtSeconds: number };

type CopiedResult =
  | { status: 'copied'; url: string }
  | { status: 'failed'; detail: string }
  /** No other try would end better. */
  | { status: 'impossible'; detail: string };

const defaultTimeLimitMs = 120 * secondMs;

/** How an MP4 begins: the size of its first box, and the box's name. */
const mp4StartBytes = 8;
const isMp4 = (start: Buffer): boolean => start.toString('latin1', 4, 8) === 'ftyp';

/**
 * Copies a task's video from the provider's link into the bucket as it arrives, and answers a link of our own that works
 * as long as the task is kept. May be repeated: the copy of a task has one name. Never throws.
 */
export const createCopyResult = (dependencies: CopyResultDependencies) => {
  const { download, assets, linkSigningKey, publicUrl, timeLimitMs = defaultTimeLimitMs } = dependencies;

  const copy = async (link: string, fileId: string, ended: AbortSignal): Promise<void> => {
    const { first, all } = await readFirstBytes(await download(link, ended), mp4StartBytes);
    if (first.length < mp4StartBytes) throw new Error('the content is empty');
    if (!isMp4(first)) throw new UnfitContentError('the content is no MP4');
    await assets.putVideo(fileId, all, ended);
  };

  return async (link: string, { id, expiresAtSeconds }: ResultOwner): Promise<CopiedResult> => {
    const fileId = videoFileIdOf(id);
    const ended = new AbortController();
    let isTooSlow = false;
    const timer = setTimeout(() => {
      isTooSlow = true;
      ended.abort();
    }, timeLimitMs);
    try {
      await copy(link, fileId, ended.signal);
      const url = publicUrl + fileLinkPath(fileId, expiresAtSeconds * secondMs, linkSigningKey);
      return { status: 'copied', url };
    } catch (error) {
      if (error instanceof UnfitLinkError || error instanceof UnfitContentError)
        return { status: 'impossible', detail: error.message };
      return { status: 'failed', detail: isTooSlow ? 'it took too long' : String(error) };
    } finally {
      clearTimeout(timer);
      // Whatever is still open belongs to a copy that was given up.
      ended.abort();
    }
  };
};
