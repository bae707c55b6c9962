import { hasMagicWord, magicSeconds } from './magic-prompts.ts';

/** Short, so that a test waits for seconds only; long enough to see that it was waited for. */
const defaultSeconds = 3;
const slowFactor = 5;

/** How long the sandbox works on a video whose prompt this is. */
export const renderSeconds = (prompt: string): number =>
  magicSeconds(prompt) ?? defaultSeconds * (hasMagicWord(prompt, 'slow') ? slowFactor : 1);

/** The same for an image, which is there at once where nothing else is asked for. */
export const drawingSeconds = (prompt: string): number =>
  magicSeconds(prompt) ?? (hasMagicWord(prompt, 'slow') ? defaultSeconds * slowFactor : 0);

export const refusedWords =
  'The content check did not pass, because the prompt says [refused]. Change the prompt.';
export const failedWords =
  'The render failed, because the prompt says [fail]. Take the word out and submit it again.';
