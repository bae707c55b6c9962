const unseen = /[^\S ]|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** A text for a message, in which each character that shows nothing, or turns the others round, stands as its code. */
export const visibleText = (text: string): string =>
  text.replace(
    unseen,
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );

/** A name that stands in a sentence without quotes, in quotes where one would not see it as it is. */
export const visibleName = (name: string): string => {
  const text = visibleText(name);
  return text === name && /^\S+$/.test(name) ? name : `"${text}"`;
};
