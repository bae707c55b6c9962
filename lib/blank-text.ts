/**
 * Whether nobody could see anything of a text: it holds blanks, control and invisible characters alone. U+2800 is the
 * pattern of braille without a dot.
 */
export const isBlank = (text: string): boolean =>
  !/[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
