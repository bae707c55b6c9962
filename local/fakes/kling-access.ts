import { createHmac, timingSafeEqual } from 'node:crypto';

export type Access = { apiKey: string; accessKey?: string; secretKey?: string };

/** Kling's code for what is wrong with an `authorization` header; `undefined` when it opens the door. */
export const accessRefusal = (
  header: string | undefined,
  access: Access,
  nowMs: number,
): { code: number; message: string } | undefined => {
  if (header === undefined || header === '') return { code: 1001, message: 'Authorization is empty' };
  const [scheme, credential = ''] = header.split(' ');
  if (scheme !== 'Bearer') return invalid;
  if (credential === access.apiKey) return undefined;
  return credential.split('.').length === 3 ? tokenRefusal(credential, access, nowMs) : notFound;
};

const invalid = { code: 1002, message: 'Authorization is invalid' };
const notFound = { code: 1002, message: 'api key not found' };

const tokenRefusal = (token: string, { accessKey, secretKey }: Access, nowMs: number) => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  if (accessKey === undefined || secretKey === undefined) return invalid;
  const expected = createHmac('sha256', secretKey).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return invalid;
  const { alg } = decode(header);
  const { iss, exp, nbf } = decode(claims);
  if (alg !== 'HS256' || iss !== accessKey) return invalid;
  if (Number(nbf) > nowMs / 1_000) return { code: 1003, message: 'Authorization is not valid yet' };
  return Number(exp) < nowMs / 1_000 ? { code: 1004, message: 'Authorization is expired' } : undefined;
};

const decode = (part: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return {};
  }
};
