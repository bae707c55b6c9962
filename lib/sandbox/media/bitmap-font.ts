export const glyphWidth = 5;
export const glyphHeight = 7;

/** Seven rows of five dots each, top row first; a row is two hexadecimal digits whose five low bits are the dots. */
const glyphs: Record<string, string> = {
  ' ': '00000000000000',
  '!': '04040404040004',
  '"': '0a0a0a00000000',
  '#': '0a0a1f0a1f0a0a',
  $: '040f140e051e04',
  '%': '18190204081303',
  '&': '0c12140815120d',
  "'": '04040800000000',
  '(': '02040808080402',
  ')': '08040202020408',
  '*': '0004150e150400',
  '+': '0004041f040400',
  ',': '000000000c0408',
  '-': '0000001f000000',
  '.': '00000000000c0c',
  '/': '00010204081000',
  '0': '0e11131519110e',
  '1': '040c040404040e',
  '2': '0e11010204081f',
  '3': '1f02040201110e',
  '4': '02060a121f0202',
  '5': '1f101e0101110e',
  '6': '0608101e11110e',
  '7': '1f010204080808',
  '8': '0e11110e11110e',
  '9': '0e11110f01020c',
  ':': '000c0c000c0c00',
  ';': '000c0c000c0408',
  '<': '02040810080402',
  '=': '00001f001f0000',
  '>': '08040201020408',
  '?': '0e110102040004',
  '@': '0e11010d15150e',
  A: '0e1111111f1111',
  B: '1e11111e11111e',
  C: '0e11101010110e',
  D: '1c12111111121c',
  E: '1f10101e10101f',
  F: '1f10101e101010',
  G: '0e11101711110f',
  H: '1111111f111111',
  I: '0e04040404040e',
  J: '0702020202120c',
  K: '11121418141211',
  L: '1010101010101f',
  M: '111b1515111111',
  N: '11111915131111',
  O: '0e11111111110e',
  P: '1e11111e101010',
  Q: '0e11111115120d',
  R: '1e11111e141211',
  S: '0f10100e01011e',
  T: '1f040404040404',
  U: '1111111111110e',
  V: '11111111110a04',
  W: '1111111515150a',
  X: '11110a040a1111',
  Y: '1111110a040404',
  Z: '1f01020408101f',
  '[': '0e08080808080e',
  ']': '0e02020202020e',
  _: '0000000000001f',
};
/** What the font does not have: a box. */
const unknownGlyph = '1f11111111111f';

/** Whether the glyph of a character has a dot there. Small letters look like capitals. */
export const hasDot = (character: string, column: number, row: number): boolean => {
  const glyph = glyphs[character.toUpperCase()] ?? unknownGlyph;
  const dots = Number.parseInt(glyph.slice(row * 2, row * 2 + 2), 16);
  return ((dots >> (glyphWidth - 1 - column)) & 1) === 1;
};
