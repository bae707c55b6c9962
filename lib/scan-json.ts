import { wirePath } from './field-problems.ts';

/** How deep JSON goes and how many values it holds: taken from the text, before anything walks the value. */
export const measure = (text: string): { depth: number; values: number } => {
  let depth = 0;
  let deepest = 0;
  let commas = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === ',') commas += 1;
  }
  return { depth: deepest, values: commas + 1 };
};

/** `here` is the place within: the name of a member, or the position in a list. */
type Level = { isList: boolean; names: Set<string>; here: string | number; isNameNext: boolean };

/** The members of valid JSON whose name stands twice in their object: parsers drop the first without a word. */
export const repeatedNames = (text: string): string[] => {
  const levels: Level[] = [];
  const repeated: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    const level = levels.at(-1);
    if (character === '{' || character === '[') {
      const isList = character === '[';
      levels.push({ isList, names: new Set(), here: 0, isNameNext: !isList });
    } else if (character === '}' || character === ']') levels.pop();
    else if (character === ',' && level !== undefined) {
      if (typeof level.here === 'number') level.here += 1;
      level.isNameNext = !level.isList;
    } else if (character === '"') {
      const start = at;
      at = endOfString(text, start);
      if (level?.isNameNext !== true) continue;
      const name: string = JSON.parse(text.slice(start, at + 1));
      level.here = name;
      level.isNameNext = false;
      if (level.names.has(name)) repeated.push(wirePath(levels.map(({ here }) => here)));
      level.names.add(name);
    }
  }
  return repeated;
};

/** Where the string that begins at `start` ends. A picture can be millions of characters, so it is searched, not walked. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
};
