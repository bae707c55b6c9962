import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { glyphHeight, glyphWidth, hasDot } from './bitmap-font.ts';

export type PngOptions = {
  width: number;
  height: number;
  /** What is written on it. */
  text: string;
};

/** A real PNG that shows a text, in a colour that the text decides. One bit a pixel keeps it small. */
export const makePng = ({ width, height, text }: PngOptions): Buffer => {
  const pixels = drawText(width, height, text);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bits a pixel
  header[9] = 3; // palette
  const [red = 0, green = 0, blue = 0] = createHash('sha256').update(text).digest();
  const palette = Buffer.from([red >> 1, green >> 1, blue >> 1, 255, 255, 255]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const chunk = (type: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
};

const lettersAcross = 24;

/** Rows of bits, each after a byte that says "not filtered". */
const drawText = (width: number, height: number, text: string): Buffer => {
  const scale = Math.max(1, Math.floor(width / ((lettersAcross + 2) * (glyphWidth + 1))));
  const letterWidth = (glyphWidth + 1) * scale;
  const lineHeight = (glyphHeight + 3) * scale;
  const mostLines = Math.max(1, Math.floor(height / lineHeight) - 1);
  const lines = wrap(text, Math.max(1, Math.floor(width / letterWidth) - 2)).slice(0, mostLines);
  const top = Math.max(0, Math.floor((height - lines.length * lineHeight) / 2));

  const rowBytes = 1 + Math.ceil(width / 8);
  const rows = Buffer.alloc(rowBytes * height);
  const setPixel = (x: number, y: number) => {
    if (x >= width || y >= height) return;
    const at = y * rowBytes + 1 + (x >> 3);
    rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
  };
  const setDot = (left: number, upper: number) => {
    for (let y = 0; y < scale; y += 1) for (let x = 0; x < scale; x += 1) setPixel(left + x, upper + y);
  };
  const drawLetter = (letter: string, left: number, upper: number) => {
    for (let dot = 0; dot < glyphWidth * glyphHeight; dot += 1) {
      const column = dot % glyphWidth;
      const row = Math.floor(dot / glyphWidth);
      if (hasDot(letter, column, row)) setDot(left + column * scale, upper + row * scale);
    }
  };
  for (const [line, letters] of lines.entries())
    for (const [index, letter] of [...letters].entries())
      drawLetter(letter, (index + 1) * letterWidth, top + line * lineHeight);
  return rows;
};

/** Breaks a text into lines between words, or within one that is longer than a line. */
const wrap = (text: string, letters: number): string[] => {
  const lines: string[] = [];
  for (const word of text
    .split(/\s+/)
    .flatMap((long) => [...(long.match(new RegExp(`.{1,${letters}}`, 'gu')) ?? [])])) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
