import { describe, expect, it } from 'vitest';
import { checkCallbackHeaders } from '../../lib/callbacks/callback-headers.ts';

describe('headers of a workspace', () => {
  it.each([
    {},
    { Authorization: 'Bearer abc' },
    { 'X-Tenant': 'films', 'x-b': '1', 'x-c': '2', 'x-d': '3', 'x-e': '4' },
  ])('%j may be set', (headers) => {
    expect(checkCallbackHeaders(Object.entries(headers))).toBeUndefined();
  });

  it.each<[Record<string, string>, string]>([
    [{ a: '1', b: '1', c: '1', d: '1', e: '1', f: '1' }, 'at most 5'],
    [{ 'X-A': '1', 'x-a': '2' }, 'twice'],
    [{ 'x a': '1' }, 'not a header name'],
    [{ '': '1' }, 'not a header name'],
    [{ 'x-ü': '1' }, 'not a header name'],
    [{ Host: 'other.example' }, 'set by the gateway'],
    [{ 'Content-Length': '0' }, 'set by the gateway'],
    [{ 'content-type': 'text/plain' }, 'set by the gateway'],
    [{ 'Transfer-Encoding': 'chunked' }, 'set by the gateway'],
    [{ connection: 'keep-alive' }, 'set by the gateway'],
    [{ 'User-Agent': 'x' }, 'set by the gateway'],
    [{ 'Webhook-Id': 'x' }, 'set by the gateway'],
    [{ 'webhook-signature': 'x' }, 'set by the gateway'],
    [{ 'x-a': 'a\r\nx-b: c' }, 'printable ASCII'],
    [{ 'x-a': 'a\n' }, 'printable ASCII'],
    [{ 'x-a': 'grün' }, 'printable ASCII'],
    [{ 'x-a': '' }, 'printable ASCII'],
    [{ 'x-a': ' padded' }, 'printable ASCII'],
    [{ 'x-a': 'a'.repeat(1_025) }, '1024'],
  ])('%j are refused', (headers, reason) => {
    expect(checkCallbackHeaders(Object.entries(headers))).toContain(reason);
  });
  it('never repeats a value, which can be a token', () => {
    expect(checkCallbackHeaders([['Authorization', 'secret\n']])).not.toContain('secret');
  });
});
