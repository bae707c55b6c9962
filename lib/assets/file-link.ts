import { createHmac, timingSafeEqual } from 'node:crypto';
import { toEpochSeconds } from '../time.ts';

/** The parts of a `/files` link that matter; `expires` in Unix seconds, as text, just as it stands in the link. */
export type FileLink = { fileId: string; expires: string; signature: string };

type LinkVerdict = 'valid' | 'expired' | 'forged';

/** The words before the id keep a signature of another purpose from passing for one of a file. */
const sign = (fileId: string, expires: string, signingKey: string): string =>
  createHmac('sha256', signingKey).update(`file-link\n${fileId}\n${expires}`).digest('base64url');

/** Makes the path and query under which anybody may fetch the file until `expiresAtMs`. */
export const fileLinkPath = (fileId: string, expiresAtMs: number, signingKey: string): string => {
  const expires = String(toEpochSeconds(expiresAtMs));
  return `/files/${fileId}?expires=${expires}&signature=${sign(fileId, expires, signingKey)}`;
};

export const judgeFileLink = (link: FileLink, signingKey: string, nowMs: number): LinkVerdict => {
  // Compared as written: several texts decode to the same bytes, and only one of them was made here.
  const expected = Buffer.from(sign(link.fileId, link.expires, signingKey));
  const given = Buffer.from(link.signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
  return Number(link.expires) > toEpochSeconds(nowMs) ? 'valid' : 'expired';
};
