/** At most so many UTF-16 units of a text, and no half of a character at the end: strict clients fail on such JSON. */
export const cutText = (text: string, maxLength: number): string =>
  text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
