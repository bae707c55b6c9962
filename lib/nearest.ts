/** How many letters must be changed, added or left out to make one word of another. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let column = 1; column <= other.length; column += 1)
      next.push(
        Math.min(
          (row[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[other.length] ?? one.length;
};

const maxWordLength = 64;

/** The word that was probably meant, of those that there are; `undefined` when none is near, or shares no letter. */
export const nearestWord = (word: string, words: readonly string[]): string | undefined => {
  if (word.length > maxWordLength) return undefined;
  const wanted = word.toLowerCase();
  const [nearest] = words
    .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase()) }))
    .toSorted((one, other) => one.far - other.far);
  const mayBeFar = Math.min([...word].length - 1, Math.max(1, Math.floor(word.length / 3)));
  return nearest !== undefined && nearest.far <= mayBeFar ? nearest.candidate : undefined;
};
