import { createHash } from 'node:crypto';
import { type Bitmap, drawText } from './draw-text.ts';
import { blockSize, encodeKeyPicture, encodeUpdate, type Picture, parameterSets } from './h264.ts';
import { toMp4 } from './mp4.ts';

export type ClipOptions = {
  mode: string;
  aspectRatio: string;
  durationSeconds: number;
  prompt: string;
  /** Under the prompt, each on a line of its own. */
  facts: readonly string[];
};

const framesPerSecond = 24;
const maxPromptLetters = 180;
const inkLuma = 235;

/** A real MP4 that shows its prompt and some facts above a bar that grows with the time. It has no sound. */
export const makeClip = (options: ClipOptions): Buffer => {
  const { durationSeconds, prompt, facts } = options;
  const { width, height } = clipSize(options);
  const lettersAcross = width > height ? 34 : 22;
  const bitmap = drawText({ width, height, paragraphs: [shorten(prompt), '', ...facts], lettersAcross });
  const picture = toPicture(bitmap, prompt);
  const frameCount = Math.max(1, Math.round(durationSeconds * framesPerSecond));
  const frames = Array.from({ length: frameCount }, (_, number) => {
    if (number === 0) return encodeKeyPicture(picture);
    const filled = growBar(picture, (number - 1) / frameCount, number / frameCount);
    return encodeUpdate(picture, filled, number);
  });
  return toMp4({ width, height, framesPerSecond, parameterSets: parameterSets({ width, height }), frames });
};

const shortSides: Readonly<Record<string, number>> = { std: 720, pro: 1080, '4k': 2160 };

/** The mode decides the short side. */
const clipSize = ({ mode, aspectRatio }: Pick<ClipOptions, 'mode' | 'aspectRatio'>) => {
  const short = shortSides[mode] ?? 720;
  const long = (short / 9) * 16;
  switch (aspectRatio) {
    case '1:1':
      return { width: short, height: short };
    case '9:16':
      return { width: short, height: long };
    default:
      return { width: long, height: short };
  }
};

const shorten = (prompt: string): string => {
  const letters = [...prompt];
  return letters.length <= maxPromptLetters ? prompt : `${letters.slice(0, maxPromptLetters).join('')} ...`;
};

const toPicture = ({ width, height, ink }: Bitmap, colour: string): Picture => {
  const blocksAcross = Math.ceil(width / blockSize);
  const blocksDown = Math.ceil(height / blockSize);
  const [shade = 0, blue = 0, red = 0] = createHash('sha256').update(colour).digest();
  const stride = blocksAcross * blockSize;
  const luma = new Uint8Array(stride * blocksDown * blockSize).fill(48 + (shade >> 2));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) if (ink[y * width + x] === 1) luma[y * stride + x] = inkLuma;
  return {
    blocksAcross,
    blocksDown,
    luma,
    blueDifference: 96 + (blue >> 2),
    redDifference: 96 + (red >> 2),
  };
};

/** Fills the part of the bar that belongs to this piece of time, and answers which blocks that changed. */
const growBar = (picture: Picture, from: number, to: number): number[] => {
  const { blocksAcross, blocksDown, luma } = picture;
  const row = Math.max(0, blocksDown - 3);
  const [first, last] = [from, to].map((part) => Math.round(part * blocksAcross)) as [number, number];
  const stride = blocksAcross * blockSize;
  for (let y = row * blockSize; y < (row + 1) * blockSize; y += 1)
    luma.fill(inkLuma, y * stride + first * blockSize, y * stride + last * blockSize);
  return Array.from({ length: last - first }, (_, index) => row * blocksAcross + first + index);
};
