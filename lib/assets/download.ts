import type { IncomingMessage } from 'node:http';
import type { FollowLink } from './follow-link.ts';

/** Content that is not what we keep, or more than that. Another try would end the same. */
export class UnfitContentError extends Error {
  override readonly name = 'UnfitContentError';
}

/** Opens a link for reading. Rejects, or breaks off its bytes, when they do not come whole. */
export type Download = (link: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

const gigabyte = 1_000_000_000;

/** Fetches what a link names, up to a size. */
export const createDownload = (followLink: FollowLink, maxBytes = gigabyte): Download => {
  async function* limited(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    let sizeBytes = 0;
    for await (const chunk of response) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge();
      yield chunk;
    }
  }

  const tooLarge = () => new UnfitContentError(`the content is larger than ${maxBytes} bytes`);

  return async (link, signal) => {
    const response = await followLink(link, { signal });
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
      response.destroy();
      throw tooLarge();
    }
    return limited(response);
  };
};
