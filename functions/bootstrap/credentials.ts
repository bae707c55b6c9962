import type { AwsAccess } from '../../lib/aws/access.ts';
import { readSecret } from '../../lib/aws/read-secret.ts';
import { type Config, type Credentials, loadCredentials } from '../../lib/config.ts';

/** The provider credentials, read once when the function starts. */
export const fetchCredentials = async (
  { CREDENTIALS_SECRET_ID }: Config,
  aws: AwsAccess,
): Promise<Credentials> =>
  loadCredentials(
    CREDENTIALS_SECRET_ID === undefined ? undefined : await readSecret(aws, CREDENTIALS_SECRET_ID),
  );
