import { hasMagicWord, magicSeconds } from '../../lib/sandbox/magic-prompts.ts';
import type { Body } from './kling-rules.ts';

/** What happens to a create call instead of the ordinary. */
export type CreateFault =
  /** 1303: no free slot. */
  | 'busy'
  /** 1302: too fast. */
  | 'too-fast'
  /** 1301: the content check. */
  | 'content'
  /** 1102: the account's pack is used up. */
  | 'arrears'
  /** 5000, and nothing was taken. */
  | 'internal-error'
  /** Nothing was taken, and the connection breaks. */
  | 'reset'
  /** It was taken, but the connection breaks before the answer. */
  | 'lost'
  /** It was taken, but the answer is 5000. */
  | 'lost-internal-error'
  /** It was taken, but no answer ever comes. */
  | 'no response';
type QueryFault = 'reset' | 'internal-error' | 'not-found' | 'unreadable';
/** A download that ends early, or finds nothing. */
export type DownloadFault = 'cut-off' | 'missing';

export type Behaviour = {
  /** What befalls the next creates, one by one; then all is well again. */
  creates: CreateFault[];
  queries: QueryFault[];
  downloads: DownloadFault[];
  /** Kling's words with which renders created from now on will fail. */
  failure: string | undefined;
  /** How long renders created from now on take. */
  seconds: number;
  webhooks: 'once' | 'repeated' | 'off';
  /** Renders at a time of one model. */
  slots: number;
};

/** Kling's own words for a render that its content check stopped. */
const contentFailure = 'Failure to pass the risk control system';

/** How long the render of this prompt takes and how it ends, for those who try things by hand. */
export const renderOf = (body: Body, { seconds, failure }: Behaviour) => {
  const prompt = promptOf(body);
  return {
    seconds: magicSeconds(prompt) ?? (hasMagicWord(prompt, 'slow') ? 5 * seconds : seconds),
    failure: hasMagicWord(prompt, 'fail') ? contentFailure : failure,
  };
};

/** What the prompt asks to befall its create call; `asked` says how often it was asked for before. */
export const faultAskedFor = (body: Body, asked: number): CreateFault | undefined => {
  const prompt = promptOf(body);
  if (hasMagicWord(prompt, 'refused')) return 'content';
  if (hasMagicWord(prompt, 'busy') && asked < 2) return 'busy';
  return hasMagicWord(prompt, 'lost') ? 'lost' : undefined;
};

/** What the video is to show; where each shot has a prompt of its own, all of them. */
export const promptOf = ({ prompt, multi_prompt: shots }: Body): string =>
  [prompt, ...(Array.isArray(shots) ? shots.map((shot) => Object(shot).prompt) : [])]
    .filter((text) => typeof text === 'string')
    .join(' / ');
