/** Words in a prompt that choose an outcome, wherever nothing is really made: fakes on one machine, test keys. */
export type MagicWord = 'fail' | 'slow' | 'busy' | 'lost' | 'refused' | 'fast-retries';

/** What each does, for people. `[12s]` stands for any number of seconds; `[fast-retries]` is for test keys alone. */
export const magicWords: readonly { word: string; meaning: string }[] = [
  { word: '[fail]', meaning: 'a video fails at its end; an image fails with an error of the provider' },
  { word: '[slow]', meaning: 'a video takes five times as long, an image as long as a video' },
  { word: '[12s]', meaning: 'takes 12 s, or whatever number stands there (1 to 600)' },
  {
    word: '[busy]',
    meaning: 'a video is refused twice for want of a free slot, then taken; an image is refused with 429',
  },
  { word: '[lost]', meaning: 'the connection breaks before the answer; a video is made all the same' },
  { word: '[refused]', meaning: 'the content check of the provider refuses the prompt' },
];

const maxSeconds = 600;

export const hasMagicWord = (prompt: string, word: MagicWord): boolean => prompt.includes(`[${word}]`);

/** How many seconds the prompt asks for, in a word such as `[12s]`. */
export const magicSeconds = (prompt: string): number | undefined => {
  const seconds = Number(/\[(\d{1,3})s\]/.exec(prompt)?.[1] ?? 0);
  return seconds >= 1 && seconds <= maxSeconds ? seconds : undefined;
};
