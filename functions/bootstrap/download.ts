import { createDownload, type Download } from '../../lib/assets/download.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { createDnsResolve, resolveLocally } from '../../lib/callbacks/resolve.ts';
import type { Config } from '../../lib/config.ts';
import { isPublicAddress } from '../../lib/public-host.ts';

/** Fetches what a provider links to, under the same rules about addresses as callbacks are sent. */
export const prepareDownload = (
  { CALLBACK_ALLOW_PRIVATE: allowPrivate }: Pick<Config, 'CALLBACK_ALLOW_PRIVATE'>,
  largestBytes?: number,
): Download => {
  const isAllowedAddress = allowPrivate ? () => true : isPublicAddress;
  const resolve = allowPrivate ? resolveLocally : createDnsResolve();
  return createDownload({
    lookup: createGuardedLookup({ resolve, isAllowedAddress, onResolved() {} }),
    isAllowedAddress,
    allowLoopbackHttp: allowPrivate,
    ...(largestBytes !== undefined && { largestBytes }),
  });
};
