import type { AwsAccess } from './access.ts';
import { callJson } from './json-call.ts';

/** The text of a secret in Secrets Manager; empty if it holds none. */
export const readSecret = async (access: AwsAccess, SecretId: string): Promise<string> => {
  const { SecretString = '' } = await callJson<{ SecretString?: string }>(
    access,
    'secretsmanager',
    'GetSecretValue',
    { SecretId },
  );
  return SecretString;
};
