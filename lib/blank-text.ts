/** Whether nobody could see anything of a text: it holds blanks, control and invisible characters alone. */
export const isBlank = (text: string): boolean => !/[^\s\p{Cc}\p{Cf}]/u.test(text);
