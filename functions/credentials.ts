import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Config, type Credentials, loadCredentials } from '../lib/config.ts';

/** The provider credentials, read once when the function starts. */
export const fetchCredentials = async ({ CREDENTIALS_SECRET_ID }: Config): Promise<Credentials> => {
  if (CREDENTIALS_SECRET_ID === undefined) return loadCredentials(undefined);
  const { SecretString } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: CREDENTIALS_SECRET_ID }),
  );
  return loadCredentials(SecretString ?? '');
};
