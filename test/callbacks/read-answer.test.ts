import { describe, expect, it } from 'vitest';
import { type AttemptOutcome, isOverload, readAnswer } from '../../lib/callbacks/read-answer.ts';
import type { CallbackAnswer } from '../../lib/callbacks/send-callback.ts';
import type { SendFailure } from '../../lib/callbacks/send-failure.ts';

const url = 'https://hooks.example.com/clearmaas?token=hunter2';
const times = { startedAtMs: 0, endedAtMs: 100, durationsMs: { total: 100 } };
const readingAnswer = (statusCode: number, more: Partial<CallbackAnswer> = {}) =>
  readAnswer({ ...times, answer: { statusCode, ...more } }, url);
const readingFailure = (failure: SendFailure) => readAnswer({ ...times, failure }, url);
const retried = { delivered: false, final: false };
const ends = { delivered: false, final: true };

describe('reading the answer', () => {
  it.each([200, 201, 202, 204, 299])('takes %i for delivered', (statusCode) => {
    expect(readingAnswer(statusCode)).toEqual({ delivered: true, statusCode });
  });

  it.each([300, 301, 302, 303, 307, 308])(
    'retries after the redirect %i and names the address to use',
    (status) => {
      expect(readingAnswer(status, { location: 'https://new.example.com/hook?key=1#x' })).toMatchObject({
        ...retried,
        errorClass: 'redirect',
        cause: 'your server redirects to https://new.example.com/hook: use that URL',
      });
    },
  );
  it('names the whole address of a relative redirect', () => {
    expect(readingAnswer(301, { location: '/hook/' })).toMatchObject({
      cause: 'your server redirects to https://hooks.example.com/hook/: use that URL',
    });
  });
  it.each([
    {},
    { location: 'http://' },
    { location: '?again' },
    { location: 'javascript:alert(1)' },
    { location: 'mailto:ops@example.com' },
  ])('copes with a redirect to nowhere: %j', (more) => {
    expect(readingAnswer(302, more)).toMatchObject({
      ...retried,
      errorClass: 'redirect',
      cause: 'your server answered 302 and redirects, which is not followed; answer with 2xx',
    });
  });

  it('ends after 410', () => {
    expect(readingAnswer(410)).toMatchObject({ ...ends, errorClass: 'gone', statusCode: 410 });
  });
  it('retries after 429, a minute later at least', () => {
    expect(readingAnswer(429)).toMatchObject({ ...retried, errorClass: 'rate_limited', minDelayMs: 60_000 });
  });
  it.each([502, 504])('retries after %i, a minute later at least', (statusCode) => {
    expect(readingAnswer(statusCode)).toMatchObject({
      ...retried,
      errorClass: 'http_5xx',
      minDelayMs: 60_000,
    });
  });
  it.each([429, 503, 500, 404])('passes on the Retry-After of %i', (statusCode) => {
    expect(readingAnswer(statusCode, { retryAfter: '300' })).toMatchObject({ retryAfterMs: 300_000 });
  });
  it.each([400, 401, 403, 404, 405, 413, 415, 422])('retries after %i', (statusCode) => {
    expect(readingAnswer(statusCode)).toMatchObject({
      ...retried,
      errorClass: 'http_4xx',
      cause: expect.stringContaining(`your server answered ${statusCode}`),
    });
  });
  it.each([400, 401, 403])('says what to check first after %i', (statusCode) => {
    const cause = expect.stringMatching(
      /: if it checks signatures, .*GET \/v1\/callbacks\/secret.*raw body$/,
    );
    expect(readingAnswer(statusCode)).toMatchObject({ cause });
  });
  it.each([500, 503, 599, 600])('retries after %i', (statusCode) => {
    expect(readingAnswer(statusCode)).toMatchObject({ ...retried, errorClass: 'http_5xx' });
  });
  it('retries after 101', () => {
    expect(readingAnswer(101)).toMatchObject({ ...retried, errorClass: 'bad_response' });
  });
  it('ends when the receiver asks for it by webhook-delivery: abort-message', () => {
    expect(readingAnswer(500, { deliveryControl: 'abort-message' })).toMatchObject(ends);
    expect(readingAnswer(500, { deliveryControl: 'something else' })).toMatchObject(retried);
    expect(readingAnswer(200, { deliveryControl: 'abort-message' })).toMatchObject({ delivered: true });
  });

  it.each<[SendFailure, string, string]>([
    [{ code: 'ENOTFOUND', stage: 'dns' }, 'dns', 'the name hooks.example.com does not exist in DNS'],
    [{ code: 'ESERVFAIL', stage: 'dns' }, 'dns', 'the name hooks.example.com could not be looked up'],
    [{ code: 'ETIMEOUT', stage: 'dns' }, 'dns', 'the name hooks.example.com could not be looked up'],
    [{ code: 'ECONNREFUSED', stage: 'connect' }, 'connect', 'your server refused the connection'],
    [{ code: 'EHOSTUNREACH', stage: 'connect' }, 'connect', 'no connection to your server could be made'],
    [
      { code: 'ECONNRESET', stage: 'answer' },
      'reset',
      'your server closed the connection before it answered',
    ],
    [
      { code: 'CERT_HAS_EXPIRED', stage: 'tls', certificateEndsAt: 'Mar  3 12:00:00 2026 GMT' },
      'tls',
      "your server's certificate expired on 3 March 2026",
    ],
    [{ code: 'CERT_HAS_EXPIRED', stage: 'tls' }, 'tls', "your server's certificate has expired"],
    [
      { code: 'ERR_TLS_CERT_ALTNAME_INVALID', stage: 'tls' },
      'tls',
      "your server's certificate is not made out to hooks.example.com",
    ],
    [
      { code: 'EPROTO', stage: 'tls' },
      'tls',
      'no secure connection could be made; your server must speak TLS 1.2 or later on the port of the URL',
    ],
    [
      { code: 'HPE_INVALID_CONSTANT', stage: 'answer' },
      'bad_response',
      "your server's answer is not valid HTTP",
    ],
  ])('retries after %j', (failure, errorClass, cause) => {
    expect(readingFailure(failure)).toMatchObject({ ...retried, errorClass, cause });
  });
  it('retries after a time-out, a minute later at least', () => {
    expect(readingFailure({ code: 'TOTAL_TIME_LIMIT', stage: 'answer' })).toMatchObject({
      ...retried,
      errorClass: 'timeout',
      cause: 'no answer within 15 s; answer first and do the work afterwards',
      minDelayMs: 60_000,
    });
  });
  it('ends at a private address, so that nobody can probe with retries', () => {
    expect(readingFailure({ code: 'BLOCKED_ADDRESS', stage: 'dns' })).toMatchObject({
      ...ends,
      errorClass: 'blocked_address',
    });
  });

  it('never shows the query of a URL', () => {
    const outcomes: AttemptOutcome[] = [
      ...[200, 302, 400, 410, 500].map((status) => readingAnswer(status, { location: '?token=hunter2' })),
      ...['ENOTFOUND', 'ECONNRESET', 'X'].map((code) => readingFailure({ code, stage: 'dns' })),
    ];
    expect(JSON.stringify(outcomes)).not.toContain('hunter2');
  });
});

describe('an overloaded receiver', () => {
  it.each([429, 500, 503])('is one that answers %i', (statusCode) => {
    expect(isOverload(readingAnswer(statusCode))).toBe(true);
  });
  it.each([200, 302, 400, 404, 410])('is not one that answers %i', (statusCode) => {
    expect(isOverload(readingAnswer(statusCode))).toBe(false);
  });
  it('is one that does not answer', () => {
    expect(isOverload(readingFailure({ code: 'TOTAL_TIME_LIMIT', stage: 'answer' }))).toBe(true);
  });
});
