import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** A link that must not be followed. Another try would end the same. */
export class UnfitLinkError extends Error {
  override readonly name = 'UnfitLinkError';
}

/** Nothing lies behind the link, or its server has trouble. */
export class LinkAnswerError extends Error {
  override readonly name = 'LinkAnswerError';
  readonly status: number;

  constructor(status: number) {
    super(`the link was answered with HTTP ${status}`);
    this.status = status;
  }
}

type FollowOptions = {
  /** Of the content, by an HTTP range; then 206 and 416 are answers, too. */
  range?: string;
  signal: AbortSignal;
};

/** Opens what a link from outside names. Each host on the way is checked. */
export type FollowLink = (link: string, options: FollowOptions) => Promise<IncomingMessage>;

type FollowLinkDependencies = {
  /** Finds the address that is dialled. Fails with the code `BLOCKED_ADDRESS` for one that must not be. */
  lookup: LookupFunction;
  /** The same for a link whose host is an address already, for which nothing is looked up. */
  isAllowedAddress: (address: string) => boolean;
  /** On a developer's machine: plain http from that very machine. */
  allowLoopbackHttp: boolean;
};

const maxRedirects = 3;
const maxHeaderBytes = 16_384;
const loopbackHosts = ['127.0.0.1', '[::1]', 'localhost'];
const partStatuses: readonly number[] = [206, 416];

export const createFollowLink = (dependencies: FollowLinkDependencies): FollowLink => {
  const { lookup, isAllowedAddress, allowLoopbackHttp } = dependencies;

  const refuseUnfit = ({ protocol, hostname }: URL): void => {
    const isLoopbackHttp = protocol === 'http:' && loopbackHosts.includes(hostname);
    if (protocol !== 'https:' && !(allowLoopbackHttp && isLoopbackHttp))
      throw new UnfitLinkError('the link does not use https');
    const address = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(address) !== 0 && !isAllowedAddress(address))
      throw new UnfitLinkError('the link leads to a private address');
  };

  const request = (url: URL, { range, signal }: FollowOptions): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      (url.protocol === 'https:' ? https : http)
        .get(url, {
          // A connection of its own, so that each is checked.
          agent: false,
          lookup,
          maxHeaderSize: maxHeaderBytes,
          headers: { 'accept-encoding': 'identity', ...(range !== undefined && { range }) },
          signal,
        })
        .on('response', resolve)
        .on('error', reject);
    });

  const follow = async (url: URL, options: FollowOptions, redirects = 0): Promise<IncomingMessage> => {
    refuseUnfit(url);
    const response = await request(url, options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'BLOCKED_ADDRESS') throw error;
      throw new UnfitLinkError('the link leads to a private address', { cause: error });
    });
    const { statusCode = 0, headers } = response;
    if (statusCode === 200 || (options.range !== undefined && partStatuses.includes(statusCode)))
      return response;
    response.destroy();
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    if (!isRedirect) throw new LinkAnswerError(statusCode);
    if (redirects === maxRedirects) throw new UnfitLinkError('the link leads from one to another');
    return follow(new URL(headers.location ?? '', url), options, redirects + 1);
  };

  return async (link, options) => {
    if (!URL.canParse(link)) throw new UnfitLinkError('the link is no URL');
    return follow(new URL(link), options);
  };
};
