const tokens = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/g;

/** The names that stand twice in one object of a JSON text, of which `JSON.parse` would take the last. */
export const repeatedNames = (json: string): string[] => {
  const objects: Set<string>[] = [];
  const repeated: string[] = [];
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (token.endsWith(':')) {
      const name: string = JSON.parse(token.slice(0, -1));
      const names = objects.at(-1);
      if (names?.has(name)) repeated.push(name);
      names?.add(name);
    }
  }
  return repeated;
};
