import type { JsonObject } from '../../json.ts';
import { BrokenAnswerError } from '../image-provider.ts';
import { decodeBase64 } from './base64.ts';
import { backslash, endOfString, endsInEscape, quote, sliceOf } from './json-string.ts';

/** What to do with the strings under a key: pass them on as an image, forget them, or keep them in the answer. */
export type StringUse = 'image' | 'forget' | 'keep';

/** Either `bytes` or `base64` can be read, once. */
export type AnswerImage = {
  bytes: AsyncIterable<Uint8Array>;
  /** The same as it stands in the JSON: ASCII, which may hold JSON's escapes. */
  base64: AsyncIterable<Uint8Array>;
  /** The other fields of the object that held the image; known once it was read to its end. */
  siblings(): JsonObject;
};

/** A JSON answer, read as it arrives, so that none of its images is ever in memory as a whole. */
export type AnswerImages = {
  /** One after the other; an image that was not read to its end is passed over. */
  images: AsyncIterable<AnswerImage>;
  /** The answer with empty strings in the place of images; known once `images` was read to its end. */
  rest(): JsonObject;
};

/** Beside images, answers are a few hundred bytes; this bounds what a broken one can make us hold. */
const restLimitBytes = 2_000_000;

const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Reads a JSON answer whose images are base64 strings. The text is not parsed as it comes: strings that the caller
 * names are taken out of it, and what remains is small and is parsed at the end.
 */
export const readAnswerImages = (
  body: AsyncIterable<Uint8Array>,
  useOf: (key: string) => StringUse,
): AnswerImages => {
  const source = body[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  /** One character a byte, so that a letter cut in two by a chunk's end heals when it is decoded. */
  let kept = '';
  /** Where in `kept` each open object starts. */
  const objectStarts: number[] = [];
  let stringStart: number | undefined;
  let escaped = false;
  let lastString = '';
  /** The key whose value comes next. */
  let key: string | undefined;

  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done) return false;
    chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    at = 0;
    if (kept.length > restLimitBytes) throw new BrokenAnswerError('the answer is too long beside its images');
    return true;
  };

  /** Keeps text up to the next string that is not to be kept, or the end of an object, or of the chunk. */
  const keepText = (): 'image' | 'forget' | 'object-end' | 'chunk-end' => {
    const from = at;
    const keep = (until: number) => {
      kept += sliceOf(chunk, from, until);
    };
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      const position = kept.length + at - from;
      if (stringStart !== undefined) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) {
          lastString = (kept + sliceOf(chunk, from, at)).slice(stringStart);
          stringStart = undefined;
        }
      } else if (byte === quote) {
        const use = key === undefined ? 'keep' : useOf(key);
        key = undefined;
        if (use !== 'keep') {
          keep(at);
          kept += '""';
          at += 1;
          return use;
        }
        stringStart = position + 1;
      } else if (byte === colon) key = lastString;
      else if (!isSpace(byte)) {
        key = undefined;
        if (byte === openBrace) objectStarts.push(position);
        if (byte === closeBrace) {
          at += 1;
          keep(at);
          return 'object-end';
        }
      }
    }
    keep(at);
    return 'chunk-end';
  };

  /** The text of a string up to its end, escapes as they stand. */
  const stringPieces = async function* (): AsyncGenerator<Buffer> {
    let afterBackslash = false;
    for (;;) {
      const end = endOfString(chunk, at, afterBackslash);
      const piece = chunk.subarray(at, end ?? chunk.length);
      at = end === undefined ? chunk.length : end + 1;
      if (piece.length > 0) yield piece;
      if (end !== undefined) return;
      afterBackslash = endsInEscape(piece, afterBackslash);
      if (!(await more())) throw new BrokenAnswerError('the answer broke off in the middle of an image');
    }
  };

  /** A picture that was withheld may stand there as an empty string; it is stepped over. */
  const atEmptyString = async (): Promise<boolean> => {
    while (at === chunk.length) if (!(await more())) return false;
    if (chunk[at] !== quote) return false;
    at += 1;
    return true;
  };

  const forgetString = async () => {
    for await (const _piece of stringPieces());
  };

  /** Goes on until an image starts (`true`) or the answer ends; or only until the innermost object has ended. */
  const advance = async (onlyThisObject: boolean): Promise<'image' | 'object-end' | 'end'> => {
    const depth = objectStarts.length;
    for (;;) {
      const stop = keepText();
      if (stop === 'image' && !(await atEmptyString())) return 'image';
      if (stop === 'forget') await forgetString();
      if (stop === 'object-end') {
        if (onlyThisObject && objectStarts.length === depth) return 'object-end';
        objectStarts.pop();
      }
      if (stop === 'chunk-end' && !(await more())) return 'end';
    }
  };

  let answer: JsonObject = {};
  const images = async function* (): AsyncGenerator<AnswerImage> {
    try {
      while ((await advance(false)) === 'image') {
        let siblings: JsonObject = {};
        const reading = (async function* () {
          yield* stringPieces();
          if ((await advance(true)) !== 'object-end') throw new BrokenAnswerError('the answer broke off');
          siblings = parseObject(kept.slice(objectStarts.pop()));
        })();
        // Without `return`: a reader that gives up must not keep us from passing over the rest.
        const base64 = { [Symbol.asyncIterator]: () => ({ next: () => reading.next() }) };
        yield { base64, bytes: decodeBase64(base64), siblings: () => siblings };
        for await (const _unread of reading);
      }
      answer = parseObject(kept);
    } finally {
      await source.return?.();
    }
  };
  return { images: images(), rest: () => answer };
};

const parseObject = (latin1: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(Buffer.from(latin1, 'latin1').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    throw new BrokenAnswerError('the answer is not JSON, or only part of it', { cause: error });
  }
  throw new BrokenAnswerError('the answer is not a JSON object');
};
