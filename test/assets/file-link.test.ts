import { expect, it } from 'vitest';
import { fileLinkPath, judgeFileLink } from '../../lib/assets/file-link.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const fileId = 'file_0123456789ABCDEFGHIJKLMNOPQRSTUV';
const signingKey = 'a key of the deployment';

const partsOf = (path: string) => {
  const { pathname, searchParams } = new URL(path, 'http://gateway.test');
  return {
    fileId: pathname.replace('/files/', ''),
    expires: searchParams.get('expires') ?? '',
    signature: searchParams.get('signature') ?? '',
  };
};

const link = partsOf(fileLinkPath(fileId, nowMs + 60_000, signingKey));

it('is valid until it expires', () => {
  expect(judgeFileLink(link, signingKey, nowMs)).toBe('valid');
  expect(judgeFileLink(link, signingKey, nowMs + 59_999)).toBe('valid');
  expect(judgeFileLink(link, signingKey, nowMs + 60_000)).toBe('expired');
});

it.each([
  ['another file', { fileId: 'file_VUTSRQPONMLKJIHGFEDCBA9876543210' }],
  ['a later end', { expires: String(Number(link.expires) + 1) }],
  ['the same end written differently', { expires: `0${link.expires}` }],
  ['another signature', { signature: link.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) }],
  ['half a signature', { signature: link.signature.slice(0, 20) }],
  ['no signature', { signature: '' }],
])('does not hold for %s', (_what, change) => {
  expect(judgeFileLink({ ...link, ...change }, signingKey, nowMs)).toBe('forged');
});

it('does not hold under another key', () => {
  expect(judgeFileLink(link, 'the key of another deployment', nowMs)).toBe('forged');
});
