import { createDownload, type Download } from '../../lib/assets/download.ts';
import { createFollowLink, type FollowLink } from '../../lib/assets/follow-link.ts';
import { createOpenResult, type OpenResult } from '../../lib/assets/open-result.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { createDnsResolve, resolveLocally } from '../../lib/callbacks/resolve.ts';
import type { Config } from '../../lib/config.ts';
import { isPublicAddress } from '../../lib/public-host.ts';

type Settings = Pick<Config, 'CALLBACK_ALLOW_PRIVATE'>;

/** Follows what a provider links to, under the same rules about addresses as callbacks are sent. */
const prepareFollowLink = ({ CALLBACK_ALLOW_PRIVATE: allowPrivate }: Settings): FollowLink => {
  const isAllowedAddress = allowPrivate ? () => true : isPublicAddress;
  const resolve = allowPrivate ? resolveLocally : createDnsResolve();
  return createFollowLink({
    lookup: createGuardedLookup({ resolve, isAllowedAddress, onResolved() {} }),
    isAllowedAddress,
    allowLoopbackHttp: allowPrivate,
  });
};

export const prepareDownload = (settings: Settings, maxBytes?: number): Download =>
  createDownload(prepareFollowLink(settings), maxBytes);

export const prepareOpenResult = (settings: Settings): OpenResult =>
  createOpenResult(prepareFollowLink(settings));
