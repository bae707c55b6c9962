import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';

/** A link that must not be followed. Another try would end the same. */
export class UnfitLinkError extends Error {
  override readonly name = 'UnfitLinkError';
}

/** Content that is not what we keep, or more than that. Another try would end the same. */
export class UnfitContentError extends Error {
  override readonly name = 'UnfitContentError';
}

/** Opens a link for reading. Rejects, or breaks off its bytes, when they do not come whole. */
export type Download = (link: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

export type DownloadDependencies = {
  /** Finds the address that is dialled. Fails with the code `BLOCKED_ADDRESS` for one that must not be. */
  lookup: LookupFunction;
  /** The same for a link whose host is an address already, for which nothing is looked up. */
  isAllowedAddress: (address: string) => boolean;
  /** On a developer's machine: plain http from that very machine. */
  allowLoopbackHttp: boolean;
  largestBytes?: number;
};

const gigabyte = 1_000_000_000;
const maxRedirects = 3;
const maxHeaderBytes = 16_384;
const loopbackHosts = ['127.0.0.1', '[::1]', 'localhost'];

/** Fetches what a link from outside names: each host on the way is checked, and the size is bounded. */
export const createDownload = (dependencies: DownloadDependencies): Download => {
  const { lookup, isAllowedAddress, allowLoopbackHttp, largestBytes = gigabyte } = dependencies;

  const refuseUnfit = ({ protocol, hostname }: URL): void => {
    const isLoopbackHttp = protocol === 'http:' && loopbackHosts.includes(hostname);
    if (protocol !== 'https:' && !(allowLoopbackHttp && isLoopbackHttp))
      throw new UnfitLinkError('the link does not use https');
    const address = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(address) !== 0 && !isAllowedAddress(address))
      throw new UnfitLinkError('the link leads to a private address');
  };

  const request = (url: URL, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      (url.protocol === 'https:' ? https : http)
        .get(url, {
          // A connection of its own, so that each is checked.
          agent: false,
          lookup,
          maxHeaderSize: maxHeaderBytes,
          headers: { 'accept-encoding': 'identity' },
          signal,
        })
        .on('response', resolve)
        .on('error', reject);
    });

  const follow = async (url: URL, signal: AbortSignal, redirects = 0): Promise<IncomingMessage> => {
    refuseUnfit(url);
    const response = await request(url, signal).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'BLOCKED_ADDRESS') throw error;
      throw new UnfitLinkError('the link leads to a private address', { cause: error });
    });
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return response;
    response.destroy();
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    if (!isRedirect) throw new Error(`the link was answered with HTTP ${statusCode}`);
    if (redirects === maxRedirects) throw new UnfitLinkError('the link leads from one to another');
    return follow(new URL(headers.location ?? '', url), signal, redirects + 1);
  };

  async function* limited(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    let sizeBytes = 0;
    for await (const chunk of response) {
      sizeBytes += chunk.length;
      if (sizeBytes > largestBytes) throw tooLarge();
      yield chunk;
    }
  }

  const tooLarge = () => new UnfitContentError(`the content is larger than ${largestBytes} bytes`);

  return async (link, signal) => {
    if (!URL.canParse(link)) throw new UnfitLinkError('the link is no URL');
    const response = await follow(new URL(link), signal);
    if (Number(response.headers['content-length'] ?? 0) > largestBytes) {
      response.destroy();
      throw tooLarge();
    }
    return limited(response);
  };
};
