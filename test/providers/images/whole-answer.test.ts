import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { type AnswerImages, readAnswerImages } from '../../../lib/providers/images/answer-images.ts';
import { readWholeAnswer } from '../../../lib/providers/images/whole-answer.ts';

const useOf = (key: string) => (key === 'b64_json' ? 'image' : key === 'signature' ? 'forget' : 'keep');

const everythingIn = async (answer: AnswerImages, form: 'bytes' | 'base64') => {
  const images = [];
  for await (const image of answer.images) {
    const content = await buffer(image[form]);
    images.push({ content: content.toString('latin1'), siblings: image.siblings() });
  }
  return { images, rest: answer.rest() };
};

const answer = JSON.stringify({
  note: 'a "b64_json": in words',
  data: [
    { revised_prompt: 'ä', b64_json: 'aGVsbG8=', nested: { deep: [null] } },
    { b64_json: '' },
    { b64_json: null, signature: 'x' },
    { b64_json: 'd29ybGQ=', more: [1, { x: true }] },
  ],
  usage: { total_tokens: 7 },
});
const inOneChunk = async function* () {
  yield Buffer.from(answer);
};

it.each(['bytes', 'base64'] as const)(
  'gives the same %s as an answer that is read as it arrives',
  async (form) => {
    const whole = readWholeAnswer(Buffer.from(answer), useOf);
    if (whole === undefined) throw new Error('not read');
    const read = await everythingIn(whole, form);
    const arrived = await everythingIn(readAnswerImages(inOneChunk(), useOf), form);
    expect(read.images.map(({ content }) => content)).toEqual(arrived.images.map(({ content }) => content));
    expect(read.images[1]?.siblings).toEqual(arrived.images[1]?.siblings);
    expect(read.rest).toEqual(arrived.rest);
  },
);

it.each(['', '{"data":[', '[]', '"text"', 'null', '<html>'])('does not take %j for an answer', (text) => {
  expect(readWholeAnswer(Buffer.from(text), useOf)).toBeUndefined();
});
