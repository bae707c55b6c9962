import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { BrokenAnswerError } from '../../../lib/providers/image-provider.ts';
import { readAnswerImages } from '../../../lib/providers/images/answer-images.ts';

const useOf = (key: string) => (key === 'b64_json' ? 'image' : key === 'signature' ? 'forget' : 'keep');

async function* inChunks(text: string, chunkBytes: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

const readAll = async (text: string, chunkBytes: number) => {
  const answer = readAnswerImages(inChunks(text, chunkBytes), useOf);
  const images = [];
  for await (const { bytes, siblings } of answer.images)
    images.push({ bytes: await buffer(bytes), siblings: siblings() });
  return { images, rest: answer.rest() };
};

const first = randomBytes(1_000);
const second = randomBytes(1_001);
const third = randomBytes(1_002);

describe.each([1, 2, 3, 7, 64, 100_000])('an answer in chunks of %i bytes', (chunkBytes) => {
  it('gives its images and everything beside them', async () => {
    const answer = {
      created: 1_763_800_000,
      note: 'a "b64_json": \\ in words, and ein Häuschen 🏠',
      data: [
        { revised_prompt: 'before "it"', b64_json: first.toString('base64') },
        {
          b64_json: second.toString('base64'),
          revised_prompt: 'after, ä',
          nested: { deep: [1, { x: null }] },
        },
        { url: 'no image here' },
        { b64_json: '' },
        { b64_json: null },
        { b64_json: third.toString('base64') },
      ],
      usage: { total_tokens: 7 },
    };
    const { images, rest } = await readAll(JSON.stringify(answer, null, 1), chunkBytes);
    expect(
      images.map(({ bytes }) => bytes.equals(first) || bytes.equals(second) || bytes.equals(third)),
    ).toEqual([true, true, true]);
    expect(images[0]?.siblings).toEqual({ revised_prompt: 'before "it"', b64_json: '' });
    expect(images[1]?.siblings).toMatchObject({
      revised_prompt: 'after, ä',
      nested: { deep: [1, { x: null }] },
    });
    expect(rest['note']).toBe(answer.note);
    expect(rest['usage']).toEqual(answer.usage);
  });

  it('may escape slashes and padding, as some JSON writers do', async () => {
    const escaped = second.toString('base64').replaceAll('/', '\\/').replaceAll('=', '\\u003d');
    const { images } = await readAll(`{"data":[{"b64_json":"${escaped}"}]}`, chunkBytes);
    expect(images[0]?.bytes.equals(second)).toBe(true);
  });

  it('loses the strings that nobody wants, whatever is in them', async () => {
    const { rest } = await readAll(
      JSON.stringify({ signature: `"quoted" \\ ${'x'.repeat(300)}\\`, after: 'kept' }),
      chunkBytes,
    );
    expect(rest).toEqual({ signature: '', after: 'kept' });
  });

  it.each([
    ['in an image', '{"data":[{"b64_json":"AAAA'],
    ['after an image', '{"data":[{"b64_json":"AAAA"'],
    ['before any image', '{"created": 1, "da'],
    ['nowhere, being no JSON', '<html>502 Bad Gateway</html>'],
    ['nowhere, being no object', '[1, 2]'],
    ['at once', ''],
  ])('is refused when it breaks off %s', async (_where, text) => {
    await expect(readAll(text, chunkBytes)).rejects.toThrow(BrokenAnswerError);
  });
});

it('passes over an image that its reader gave up', async () => {
  const text = JSON.stringify({
    data: [{ b64_json: randomBytes(5_000).toString('base64') }, { b64_json: second.toString('base64') }],
  });
  const answer = readAnswerImages(inChunks(text, 100), useOf);
  const read: Buffer[] = [];
  for await (const { bytes } of answer.images) {
    if (read.length === 0) {
      for await (const chunk of bytes) {
        read.push(Buffer.from(chunk));
        break;
      }
    } else read.push(await buffer(bytes));
  }
  expect(read[1]?.equals(second)).toBe(true);
});

it('does not hold more than a little beside the images', async () => {
  const endless = async function* () {
    yield Buffer.from('{"text":"');
    for (;;) yield Buffer.alloc(65_536, 'x');
  };
  const answer = readAnswerImages(endless(), useOf);
  await expect(answer.images[Symbol.asyncIterator]().next()).rejects.toThrow('too long');
});
