import { ApiError, invalidRequest, type Problem } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { measure, repeatedNames } from '../../scan-json.ts';
import { visibleText } from '../../visible-text.ts';

export const maxDepth = 64;
/** Far more than any request needs, and few enough to be read and answered at once. */
export const maxValues = 10_000;
const maxNumber = 1e125;
/** Names that reach an object's prototype in careless code further on. */
export const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export const badBody = (message: string, status = 400, cause?: unknown): ApiError =>
  new ApiError(message, { status, code: 'bad_request_body', cause });

/**
 * Reads the text of a body. Ids too large for a double come as their digits, in a string; a field that is `null` or
 * `""` is left out.
 *
 * @throws ApiError 400 that says what is wrong with it.
 */
export const parseJsonBody = (text: string): JsonObject => {
  const read = readJson(text);
  if ('mistake' in read) throw badBody(`The body is not valid JSON: ${read.mistake}.`);
  if (!isJsonObject(read.value))
    throw badBody('The body must be a JSON object ({…}), not a list and not a single value.');
  if (read.repeated.length > 0) throw invalidRequest(read.repeated.map(standsTwice));
  return checkedBody(read.value);
};

const standsTwice = (param: string): Problem => ({
  param,
  message: 'stands in the body more than once; give it once.',
});

/**
 * Reads JSON, in which ids too large for a double come as their digits. `repeated`: the members that stand twice in their
 * object. `mistake` says where it is no JSON.
 *
 * @throws ApiError 400 for one that is too deep or too large.
 */
export const readJson = (text: string): { value: Json; repeated: string[] } | { mistake: string } => {
  const { depth, values } = measure(text);
  if (depth > maxDepth)
    throw badBody(`The body is nested more than ${maxDepth} levels deep. Send a flatter object.`);
  if (values > maxValues)
    throw badBody(`The body holds more than ${maxValues} values. Send only what the request needs.`);
  try {
    return { value: JSON.parse(text, keepLargeIds), repeated: repeatedNames(text) };
  } catch (error) {
    return { mistake: whereItBreaks(error) };
  }
};

/**
 * The body of a request, however it was encoded, without the fields that are empty.
 *
 * @throws ApiError 400 that names what must not be in it.
 */
export const checkedBody = (body: JsonObject): JsonObject => {
  const problems = forbiddenIn(body, []);
  if (problems.length > 0) throw invalidRequest(problems);
  return withoutEmptyFields(body);
};

/** Clients write what they leave out as `null` or `""`, at any depth. */
const withoutEmptyFields = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, withoutEmptyIn(value)]],
    ),
  );

const withoutEmptyIn = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutEmptyIn);
  return isJsonObject(value) ? withoutEmptyFields(value) : value;
};

/** The parser's words without its quotation of the text, which may hold anything. */
const whereItBreaks = (error: unknown): string => {
  const words = String(error);
  const [position] = /at position \d+/.exec(words) ?? [];
  if (position !== undefined) return `there is a mistake ${position}`;
  const [, character] = /Unexpected token '(.)'/su.exec(words) ?? [];
  if (character !== undefined) {
    const shown = visibleText(character);
    return `the character ${shown === character ? `"${character}"` : shown} stands where it must not`;
  }
  // What JavaScript makes of an object, or of nothing, that is sent without JSON.stringify.
  return /Unexpected end/.test(words)
    ? 'it ends too early or is empty'
    : 'it is the text of a value and not its JSON. Encode the object itself, in JavaScript with JSON.stringify';
};

/** Ids of 18 digits occur: as a double they would name something else. */
const keepLargeIds = (name: string, value: Json, context?: { source: string }): Json =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  /(?:^|_)id$/.test(name) &&
  /^-?\d+$/.test(context?.source ?? '')
    ? (context?.source ?? value)
    : value;

const forbiddenIn = (value: Json, path: string[]): Problem[] => {
  if (typeof value === 'string' || typeof value === 'number') return unstorable(value, path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const here = [...path, name];
    const param = here.join('.');
    if (Array.isArray(value)) return forbiddenIn(child, here);
    if (forbiddenNames.has(name))
      return [{ param, message: `must be removed: the name "${name}" is not allowed.` }];
    const problem = textProblem(name);
    return problem === undefined ? forbiddenIn(child, here) : [{ param: 'body', message: problem }];
  });
};

/** What a text holds that nobody meant: it was cut within a character, decoded with the wrong character set, or no text. */
const textProblem = (text: string): string | undefined => {
  if (text === '[object Object]')
    return 'is "[object Object]", which JavaScript makes of an object that is written as text. Send the text that was meant.';
  if (!text.isWellFormed()) return 'must be valid Unicode text: a character in it is only half there.';
  if (text.includes('\0'))
    return 'holds the character U+0000, so the text is probably UTF-16. Encode it as UTF-8.';
  return text.includes('\uFFFD')
    ? 'holds the character U+FFFD, which stands for bytes that were not UTF-8. Encode the text as UTF-8.'
    : undefined;
};

/** What JSON can express and neither the table nor a provider takes. */
const unstorable = (value: string | number, path: string[]): Problem[] => {
  const param = path.join('.');
  if (typeof value === 'string') {
    const message = textProblem(value);
    return message === undefined ? [] : [{ param, message }];
  }
  const isInRange = value === 0 || (Math.abs(value) < maxNumber && Math.abs(value) > 1 / maxNumber);
  return isInRange ? [] : [{ param, message: 'must be a number between 1e-125 and 1e125, or 0.' }];
};
