import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { parseSecret } from '../lib/config.ts';
import { credentialNames } from '../lib/providers/accounts.ts';
import { registry } from '../lib/providers/registry.ts';

/** Each kind of provider has a secret of its own, so that a worker reads no more than it needs. */
export type SecretKind = 'video' | 'image';

/** Which secret each credential stands in. */
export const secretOf: ReadonlyMap<string, SecretKind> = new Map(
  registry.descriptors.flatMap((descriptor) =>
    credentialNames([descriptor]).map((name) => [name, descriptor.kind] as const),
  ),
);

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
        return parseSecret(SecretString || '{}') as Values;
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
