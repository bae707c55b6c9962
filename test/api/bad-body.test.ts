import { describe, expect, it } from 'vitest';
import { createTestApi, errorOf } from '../support/api.ts';
import { refusal } from '../support/refusal.ts';

const good = { model: 'kling/kling-v3', prompt: 'rain on a tin roof' };
const withMetadata = (metadata: unknown) => ({ ...good, metadata });

describe('a body that cannot be read', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'ends too early or is empty'],
    ['half an object', '{"model": ', 'ends too early'],
    ['a single quote', "{'model': 1}", 'mistake at position 1'],
    ['a list', '[]', 'must be a JSON object'],
    ['a number', '7', 'must be a JSON object'],
    ['null', 'null', 'must be a JSON object'],
    ['an object without JSON.stringify', '[object Object]', 'JSON.stringify'],
    ['nothing without JSON.stringify', 'undefined', 'JSON.stringify'],
    ['a form', 'model=kling', '"m" stands where it must not'],
    ['behind an invisible character', '\u200b{}', 'U+200B stands where it must not'],
    ['behind a line separator', '\u2028{}', 'U+2028 stands where it must not'],
    ['65 levels', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'more than 64 levels'],
    ['a hundred thousand levels', '['.repeat(100_000), 'more than 64 levels'],
    ['a million numbers', `{"a":[${'1,'.repeat(1_000_000)}1]}`, 'more than 10000 values'],
  ])('is answered 400 when it is %s', async (_what, body, words) => {
    const error = await refusal(body);
    expect(error).toMatchObject({ status: 400, code: 'bad_request_body', param: null });
    expect(error.message).toContain(words);
  });

  it('does not quote the body back', async () => {
    const error = await refusal('{"prompt": sk-clearmaas-secret}');
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form of parts', 'multipart/form-data; boundary=x'],
    ['something that begins like JSON', 'application/jsonp'],
  ])('is answered 415 when it is declared as %s', async (_what, type) => {
    const error = await refusal(good, { 'content-type': type });
    expect(error).toMatchObject({ status: 415, code: 'bad_request_body' });
    expect(error.message).toContain('application/json');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/vnd.api+json',
  ])('may be declared as %s', async (type) => {
    const api = createTestApi();
    expect((await api.submit(good, { 'content-type': type })).status).toBe(200);
  });

  it('is answered 413 beyond 5 MB, and told to send pictures as URLs', async () => {
    const error = await refusal({ ...good, image: 'A'.repeat(5 * 1024 * 1024) });
    expect(error).toMatchObject({ status: 413, code: 'request_too_large' });
    expect(error.message).toContain('as URLs');
  });

  it.each([
    ['__proto__', '{"model":"kling/kling-v3","prompt":"x","__proto__":{"isAdmin":true}}', '__proto__'],
    [
      'constructor',
      '{"model":"kling/kling-v3","prompt":"x","metadata":{"constructor":1}}',
      'metadata.constructor',
    ],
    [
      'prototype',
      '{"model":"kling/kling-v3","prompt":"x","metadata":{"a":[{"prototype":1}]}}',
      'metadata.a.0.prototype',
    ],
  ])('is answered 400 when a name in it is %s', async (_name, body, param) => {
    expect(await refusal(body)).toMatchObject({ status: 400, code: 'invalid_request', param });
    expect(Object.prototype).not.toHaveProperty('isAdmin');
  });

  it.each([
    ['thousands of mistakes', withMetadata({ image_list: Array(9_000).fill(1) }), 'metadata.image_list'],
    ['a mistake behind an endless name', `{"${'n'.repeat(1_000_000)}":{"constructor":1}}`, 'nnn'],
  ])('is answered in a few words when it has %s', async (_what, body, param) => {
    const error = await refusal(body);
    expect(error.param).toContain(param);
    expect(error.message.length).toBeLessThan(2_500);
  });

  it('is answered 400 when a field that is passed on unread is larger than a task can be', async () => {
    const api = createTestApi({ settings: { extraFields: { kling: ['notes'] } } });
    const response = await api.submit(withMetadata({ notes: 'x'.repeat(300_000) }));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'metadata' });
    expect(api.created).toEqual([]);
  });

  it.each([
    ['half a character', '{"model":"kling/kling-v3","prompt":"\\ud83d"}', 'prompt'],
    [
      'half a character in a name',
      '{"model":"kling/kling-v3","prompt":"x","metadata":{"\\ud83d":1}}',
      'body',
    ],
    [
      'a number beyond all numbers',
      '{"model":"kling/kling-v3","prompt":"x","metadata":{"seed":1e999}}',
      'metadata.seed',
    ],
    [
      'a number too small to store',
      '{"model":"kling/kling-v3","prompt":"x","metadata":{"seed":1e-300}}',
      'metadata.seed',
    ],
  ])('is answered 400 when it holds %s', async (_what, body, param) => {
    expect(await refusal(body)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });
});
