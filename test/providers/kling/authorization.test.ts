import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthorization } from '../../../lib/providers/kling/authorization.ts';

const pair = { accessKey: 'access-key', secretKey: 'secret-key' };
const startMs = Date.parse('2026-11-22T00:00:00.900Z');
const startSeconds = Math.floor(startMs / 1_000);

const readToken = (header: string) => {
  const parts = header.replace('Bearer ', '').split('.');
  const [head = '', claims = '', signature = ''] = parts;
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { parts, head: decode(head), claims: decode(claims), signature };
};

describe('an API key', () => {
  it('is sent as it is and cannot be renewed', () => {
    const authorization = createAuthorization({ apiKey: 'key' }, () => startMs);
    expect(authorization.header()).toBe('Bearer key');
    expect(authorization.renew()).toBe(false);
  });
});

describe('an access key and its secret', () => {
  it('make a token that holds for half an hour, from five seconds ago', () => {
    const { head, claims } = readToken(createAuthorization(pair, () => startMs).header());
    expect(head).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(claims).toEqual({ iss: 'access-key', exp: startSeconds + 1_800, nbf: startSeconds - 5 });
  });

  it('sign it by HMAC-SHA256 with the bytes of the secret', () => {
    const { parts, signature } = readToken(createAuthorization(pair, () => startMs).header());
    const expected = createHmac('sha256', 'secret-key').update(`${parts[0]}.${parts[1]}`).digest('base64url');
    expect(signature).toBe(expected);
    expect(parts).toHaveLength(3);
  });

  it('use a token until a minute before its end', () => {
    let nowMs = startMs;
    const authorization = createAuthorization(pair, () => nowMs);
    const first = authorization.header();
    nowMs = startMs + 1_740_000;
    expect(authorization.header()).toBe(first);
    nowMs += 1_000;
    expect(readToken(authorization.header()).claims.exp).toBe(startSeconds + 1_741 + 1_800);
  });

  it('make a new token when Kling refuses the old one', () => {
    let nowMs = startMs;
    const authorization = createAuthorization(pair, () => nowMs);
    const first = authorization.header();
    nowMs += 1_000;
    expect(authorization.renew()).toBe(true);
    expect(authorization.header()).not.toBe(first);
  });
});
