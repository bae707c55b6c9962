import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Credentials } from '../lib/config.ts';

export type CredentialName = Exclude<keyof Credentials, 'LINK_SIGNING_KEY' | 'ORIGIN_SECRET'>;
/** Each kind of provider has a secret of its own, so that a worker reads no more than it needs. */
export type SecretKind = 'video' | 'image';

export const secretOf = {
  KLING_API_KEY: 'video',
  KLING_ACCESS_KEY: 'video',
  KLING_SECRET_KEY: 'video',
  OPENAI_API_KEY: 'image',
  GEMINI_API_KEY: 'image',
  XAI_API_KEY: 'image',
} satisfies Record<CredentialName, SecretKind>;

type Values = Record<string, string>;

/** The credentials of a deployed gateway. */
export type CredentialStore = {
  read(kind: SecretKind): Promise<Values>;
  write(kind: SecretKind, values: Values): Promise<void>;
};

export const createCredentialStore = (secretIds: Record<SecretKind, string>): CredentialStore => {
  const client = new SecretsManagerClient();
  return {
    async read(kind) {
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretIds[kind] }));
        return JSON.parse(SecretString || '{}');
      } catch (error) {
        // Nothing was entered yet.
        if (error instanceof ResourceNotFoundException) return {};
        throw error;
      }
    },
    async write(kind, values) {
      const SecretString = JSON.stringify(values);
      await client.send(new PutSecretValueCommand({ SecretId: secretIds[kind], SecretString }));
    },
  };
};
