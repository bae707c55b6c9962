/** Words in a prompt that choose an outcome, wherever nothing is really made: fakes on one machine, test keys. */
type MagicWord = 'fail' | 'slow' | 'busy' | 'lost' | 'refused' | 'fast-retries';

/** What each does, for people. `[12s]` stands for any number of seconds. */
export const magicWords: readonly { word: string; meaning: string }[] = [
  { word: '[fail]', meaning: 'a video fails at its end; an image fails with 502' },
  { word: '[slow]', meaning: 'a video takes five times as long; an image some seconds' },
  { word: '[12s]', meaning: 'takes 12 s, or whatever number stands there: 1 to 600, for an image 280' },
  {
    word: '[busy]',
    meaning: 'a video is refused twice for want of a free slot, then taken; an image is refused with 429',
  },
  {
    word: '[lost]',
    meaning:
      'the answer of the provider is lost: a video is looked up, found and finished; an image ends with 502, and is not asked for again',
  },
  { word: '[refused]', meaning: 'the content check of the provider refuses the prompt' },
  {
    word: '[fast-retries]',
    meaning:
      'only with a test key: a callback that is refused is tried eleven times within some 15 s, whatever Retry-After says, instead of over three days',
  },
];

const secondsRange = { min: 1, max: 600 };

export const hasMagicWord = (prompt: string, word: MagicWord): boolean => prompt.includes(`[${word}]`);

/** How many seconds the prompt asks for, in a word such as `[12s]`; of several the first, of any the nearest that there is. */
export const magicSeconds = (prompt: string): number | undefined => {
  const [, digits] = /\[(\d+)s\]/.exec(prompt) ?? [];
  if (digits === undefined) return undefined;
  return Math.min(Math.max(secondsRange.min, Number(digits)), secondsRange.max);
};
