import type { Problem } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { readJson } from './parse-json-body.ts';

/** The fields that are nothing but an object or a list. */
const containers: readonly string[] = ['metadata', 'callback_events', 'images'];

/** `prompt`, `negative_prompt` and the prompt of a shot; not `multi_prompt`, which is a list. */
const alwaysText = /(?:^|\[|negative_)prompt\]?$/;

/** What a field of a form holds: text, or an object or a list that is written as JSON. A prompt is always text. */
export const jsonInForm = (name: string, text: string): { value: Json } | { problem: Problem } => {
  if (alwaysText.test(name) || !/^\s*[[{]/.test(text)) return { value: text };
  const read = readJson(text);
  if ('value' in read) {
    const [repeated] = read.repeated;
    return repeated === undefined
      ? read
      : { problem: { param: name, message: `holds ${repeated} more than once; give it once.` } };
  }
  return containers.includes(name)
    ? { problem: { param: name, message: `is not valid JSON: ${read.mistake}.` } }
    : { value: text };
};
