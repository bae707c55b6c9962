import type { AwsAccess } from '../../lib/aws/access.ts';
import { readSecret } from '../../lib/aws/read-secret.ts';
import { type Config, type Credentials, loadCredentials } from '../../lib/config.ts';
import { credentialNames } from '../../lib/providers/accounts.ts';
import { registry } from '../../lib/providers/registry.ts';

/** What this function may know of the credentials, as it is now. */
export const fetchCredentials = async (
  { CREDENTIALS_SECRET_IDS }: Config,
  aws: AwsAccess,
): Promise<Credentials> =>
  loadCredentials(
    credentialNames(registry.descriptors),
    CREDENTIALS_SECRET_IDS === undefined
      ? undefined
      : await Promise.all(CREDENTIALS_SECRET_IDS.map((id) => readEntered(aws, id))),
  );

/** A secret into which nothing was entered yet has no value at all. */
const readEntered = async (aws: AwsAccess, id: string): Promise<string> => {
  try {
    return (await readSecret(aws, id)) || '{}';
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return '{}';
  }
};
