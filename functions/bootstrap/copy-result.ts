import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { createCopyResult } from '../../lib/assets/copy-result.ts';
import type { AwsAccess } from '../../lib/aws/access.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';
import { type Config, ConfigError } from '../../lib/config.ts';
import type { CopyResult } from '../../lib/videos/result-copy.ts';
import { prepareDownload } from './download.ts';

/** Copies results into the bucket. */
export const prepareCopyResult = (config: Config, aws: AwsAccess, linkSigningKey: string): CopyResult => {
  const { PUBLIC_URL: publicUrl } = config;
  if (publicUrl === undefined)
    throw new ConfigError('environment: PUBLIC_URL: links to copied results need it');
  return createCopyResult({
    download: prepareDownload(config),
    assets: createAssetStore(createS3Bucket(config.ASSETS_BUCKET, aws)),
    linkSigningKey,
    publicUrl,
  });
};
