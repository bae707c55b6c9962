import { glyphHeight, glyphWidth, hasDot } from './bitmap-font.ts';

/** A picture of two colours: one byte a pixel, 1 where there is ink. */
export type Bitmap = { width: number; height: number; ink: Uint8Array };

type TextOptions = {
  width: number;
  height: number;
  /** Each begins a line of its own; an empty one leaves a line empty. */
  paragraphs: readonly string[];
  /** How many letters a line of the picture's width would take. */
  lettersAcross: number;
};

/** Draws a text in the middle of a picture; what does not fit is left out. */
export const drawText = ({ width, height, paragraphs, lettersAcross }: TextOptions): Bitmap => {
  const scale = Math.max(1, Math.floor(width / ((lettersAcross + 2) * (glyphWidth + 1))));
  const letterWidth = (glyphWidth + 1) * scale;
  const lineHeight = (glyphHeight + 3) * scale;
  const maxLines = Math.max(1, Math.floor(height / lineHeight) - 1);
  const maxLetters = Math.max(1, Math.floor(width / letterWidth) - 2);
  const lines = paragraphs.flatMap((text) => wrap(text, maxLetters)).slice(0, maxLines);
  const top = Math.max(0, Math.floor((height - lines.length * lineHeight) / 2));

  const ink = new Uint8Array(width * height);
  const setDot = (left: number, upper: number) => {
    for (let y = upper; y < Math.min(height, upper + scale); y += 1)
      ink.fill(1, y * width + Math.min(left, width), y * width + Math.min(left + scale, width));
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
  return { width, height, ink };
};

/** Breaks a text into lines between words, or within one that is longer than a line. */
const wrap = (text: string, letters: number): string[] => {
  if (text === '') return [''];
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
