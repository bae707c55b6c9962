import { createHmac } from 'node:crypto';
import { type Clock, toEpochSeconds } from '../../time.ts';

/** An API key, or the older pair that signs a short-lived token. */
export type KlingCredentials = { apiKey: string } | KeyPair;
type KeyPair = { accessKey: string; secretKey: string };

export type Authorization = {
  /** The value of the `authorization` header. */
  header(): string;
  /** Makes a new header where that is possible, and says whether it was. */
  renew(): boolean;
  /** What must never stand in a log or an answer. */
  secrets(): string[];
};

const lifetimeSeconds = 1_800;
/** Kling's own allowance for a clock that is behind. */
const clockAllowanceSeconds = 5;
const renewBeforeEndSeconds = 60;

/** https://kling.ai/document-api/api/get-started/authentication */
export const createAuthorization = (credentials: KlingCredentials, now: Clock): Authorization =>
  'apiKey' in credentials ? keyAuthorization(credentials.apiKey) : tokenAuthorization(credentials, now);

const keyAuthorization = (apiKey: string): Authorization => ({
  header: () => `Bearer ${apiKey}`,
  renew: () => false,
  secrets: () => [apiKey],
});

const tokenAuthorization = (credentials: KeyPair, now: Clock): Authorization => {
  const sign = () => {
    const nowSeconds = toEpochSeconds(now());
    return {
      token: signToken(credentials, nowSeconds),
      renewAtSeconds: nowSeconds + lifetimeSeconds - renewBeforeEndSeconds,
    };
  };
  let signed = sign();
  return {
    header() {
      if (toEpochSeconds(now()) > signed.renewAtSeconds) signed = sign();
      return `Bearer ${signed.token}`;
    },
    renew() {
      signed = sign();
      return true;
    },
    secrets: () => [credentials.accessKey, credentials.secretKey, signed.token],
  };
};

const signToken = ({ accessKey, secretKey }: KeyPair, nowSeconds: number): string => {
  const header = { alg: 'HS256', typ: 'JWT' };
  const claims = {
    iss: accessKey,
    exp: nowSeconds + lifetimeSeconds,
    nbf: nowSeconds - clockAllowanceSeconds,
  };
  const content = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createHmac('sha256', secretKey).update(content).digest('base64url');
  return `${content}.${signature}`;
};
