import { Readable } from 'node:stream';
import type { OpenedObject } from '../aws/bucket.ts';
import { secondMs } from '../time.ts';
import { type FollowLink, LinkAnswerError } from './follow-link.ts';

/**
 * Opens a result where its provider keeps it, or a part of it by an HTTP range. `undefined`: it is no longer there.
 * `no-such-part`: it is shorter than the range. Rejects when the provider's storage does not answer.
 */
export type OpenResult = (
  link: string,
  options: { range?: string; onlyHeaders: boolean },
) => Promise<OpenedObject | 'no-such-part' | undefined>;

const answerWithinMs = 10 * secondMs;
const silentForMs = 30 * secondMs;
const goneStatuses: readonly number[] = [403, 404, 410];
const keptHeaders = [
  'accept-ranges',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
];

export const createOpenResult =
  (followLink: FollowLink): OpenResult =>
  async (link, { range, onlyHeaders }) => {
    try {
      const response = await answeredInTime((signal) =>
        followLink(link, { signal, ...(range !== undefined && { range }) }),
      );
      const isOutside = response.statusCode === 416;
      if (isOutside || onlyHeaders) response.destroy();
      if (isOutside) return 'no-such-part';
      response.setTimeout(silentForMs, () => response.destroy(new Error('the link stopped answering')));
      const headers = Object.fromEntries(
        keptHeaders.flatMap((name) => {
          const value = response.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        }),
      );
      return onlyHeaders
        ? { headers }
        : { headers, body: Readable.toWeb(response) as ReadableStream<Uint8Array<ArrayBuffer>> };
    } catch (error) {
      if (error instanceof LinkAnswerError && goneStatuses.includes(error.status)) return undefined;
      throw error;
    }
  };

const answeredInTime = async <Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> => {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), answerWithinMs);
  try {
    return await ask(timeout.signal);
  } finally {
    clearTimeout(timer);
  }
};
