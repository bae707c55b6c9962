import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { createCopyResult } from '../../lib/assets/copy-result.ts';
import { createDownload } from '../../lib/assets/download.ts';
import type { AwsAccess } from '../../lib/aws/access.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';
import { isPublicAddress } from '../../lib/callbacks/address.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { createDnsResolve, resolveLocally } from '../../lib/callbacks/resolve.ts';
import { type Config, ConfigError } from '../../lib/config.ts';
import type { CopyResult } from '../../lib/tasks/result-copy.ts';

/** Copies results under the same rules about addresses as callbacks are sent. */
export const prepareCopyResult = (config: Config, aws: AwsAccess, linkSigningKey: string): CopyResult => {
  const { CALLBACK_ALLOW_PRIVATE: allowPrivate, PUBLIC_URL: publicUrl } = config;
  if (publicUrl === undefined)
    throw new ConfigError('environment: PUBLIC_URL: links to copied results need it');
  const isAllowedAddress = allowPrivate ? () => true : isPublicAddress;
  const resolve = allowPrivate ? resolveLocally : createDnsResolve();
  return createCopyResult({
    download: createDownload({
      lookup: createGuardedLookup({ resolve, isAllowedAddress, onResolved() {} }),
      isAllowedAddress,
      allowLoopbackHttp: allowPrivate,
    }),
    assets: createAssetStore(createS3Bucket(config.ASSETS_BUCKET, aws)),
    linkSigningKey,
    publicUrl,
  });
};
