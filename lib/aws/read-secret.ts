import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsAccess } from './access.ts';
import { clientSettings } from './client-settings.ts';
import { namingOperations } from './naming-operations.ts';

/** The text of a secret in Secrets Manager; empty if it holds none. */
export const readSecret = async (access: AwsAccess, SecretId: string): Promise<string> => {
  const client = new SecretsManagerClient(clientSettings(access, 'secretsmanager'));
  client.middlewareStack.use(namingOperations());
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  } finally {
    client.destroy();
  }
};
