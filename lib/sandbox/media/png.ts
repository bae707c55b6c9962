import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { type Bitmap, drawText } from './draw-text.ts';

export type PngOptions = {
  width: number;
  height: number;
  /** What is written on it. */
  text: string;
};

/** A real PNG that shows a text, in a colour that the text decides. One bit a pixel keeps it small. */
export const makePng = ({ width, height, text }: PngOptions): Buffer => {
  const pixels = packRows(drawText({ width, height, paragraphs: [text], lettersAcross: 24 }));
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

/** Rows of bits, each after a byte that says "not filtered". */
const packRows = ({ width, height, ink }: Bitmap): Buffer => {
  const rowBytes = 1 + Math.ceil(width / 8);
  const rows = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = y * rowBytes + 1 + (x >> 3);
      if (ink[y * width + x] === 1) rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
    }
  return rows;
};
