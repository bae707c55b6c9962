import { cutText } from '../../cut-text.ts';
import type { Answer } from './answer.ts';

const maxCharacters = 300;

/** Kling's own words as a part of a sentence: one line, bounded, without what must stay with us. */
export const quote = (words: string, secrets: readonly string[]): string => {
  const open = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), words);
  const line = open.replace(/\s+/g, ' ').trim();
  const short = line.length > maxCharacters ? `${cutText(line, maxCharacters)}…` : line;
  return short.replace(/[.\s]+$/, '');
};

/** Why Kling did not take a request, for its caller. `words` are Kling's. */
export const refusalReason = ({ code, httpStatus }: Answer, words: string): string => {
  if (code === undefined)
    return httpStatus === 413
      ? 'Kling takes no request of this size. Use smaller pictures, or links to them.'
      : `Kling did not take the request and gave no reason (HTTP ${httpStatus}). Nothing was charged; if it happens again, tell the gateway's operator.`;
  const said = words === '' ? '' : ` (${words})`;
  if (code === 1300 || code === 1301)
    return `Kling's content policy does not allow this request${said}. Change the prompt or the pictures.`;
  if (code === 1203) return `Kling does not know what the request names${said}. Check the ids and the model.`;
  return `Kling refused the request${said === '' ? ' without saying why' : said}. Correct it and submit it again.`;
};

/** Why a render failed, for its caller. */
export const failureReason = (words: string): string => {
  if (words === '') return 'Kling could not make the video and gave no reason. Submit it again.';
  const advice = adviceByWords.find(({ pattern }) => pattern.test(words))?.advice ?? otherAdvice;
  return `Kling could not make the video: ${words}. ${advice}`;
};

const adviceByWords = [
  {
    pattern: /risk control|content|polic|sensitive|moderat/i,
    advice: 'Its content check did not pass: change the prompt or the pictures and submit again.',
  },
  {
    pattern: /pixel|resolution|aspect ratio|image|picture/i,
    advice:
      'Use a PNG or JPEG of at most 10 MB, at least 300 pixels on each side, shaped between 1:2.5 and 2.5:1.',
  },
];
const otherAdvice = 'Submit it again; if it fails again, change the prompt or the inputs.';

export const unusableLinkReason =
  "Kling's answer was unusable: it says that the video is ready, but links to no public https address. The video may have been charged; tell the gateway's operator before submitting it again.";
