import { invalidRequest, type Problem } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { ApiContext } from '../context.ts';
import { jsonInForm } from './json-in-form.ts';
import { badBody, checkedBody, forbiddenNames, maxDepth, maxValues } from './parse-json-body.ts';
import { readBytes, readJsonBody, requireUtf8 } from './read-body.ts';

/** The fields that may be a file. */
const fileFields: readonly string[] = ['input_reference', 'image'];
/** The fields that are lists, and may stand in a form several times. */
const listFields: readonly string[] = ['callback_events', 'images'];

/** Reads a request's fields from JSON or, as OpenAI's SDKs send them, from `multipart/form-data`; a file becomes base64. */
export const readFormOrJsonBody = async (c: ApiContext): Promise<JsonObject> => {
  const contentType = c.req.header('content-type') ?? '';
  return /^multipart\/form-data\b/i.test(contentType.trim())
    ? readForm(c, contentType)
    : readJsonBody(c, 'multipart/form-data, or JSON');
};

const readForm = async (c: ApiContext, contentType: string): Promise<JsonObject> => {
  for (const parameter of contentType.split(';')) requireUtf8(parameter.trim());
  const bytes = await readBytes(c);
  requirePlainParts(bytes, contentType);
  const entries = [...(await parseForm(bytes, contentType))];
  if (entries.length > maxValues)
    throw badBody(`The form holds more than ${maxValues} fields. Send only what the request needs.`);
  const problems = fileProblems(entries);
  const body: JsonObject = {};
  for (const [name, value] of entries) {
    const read = typeof value === 'string' ? jsonInForm(name, value) : { value: await toBase64(value) };
    problems.push(...('problem' in read ? [read.problem] : place(body, name, read.value)));
  }
  if (problems.length > 0) throw invalidRequest(problems);
  return checkedBody(body);
};

/** Parsers take no notice of how a part says it is encoded, and nobody means the text that they read then. */
const requirePlainParts = (bytes: Uint8Array, contentType: string): void => {
  for (const part of partsOf(bytes, contentType)) {
    const headers = part.slice(0, Math.max(0, part.indexOf('\r\n\r\n')));
    const [, encoding = '8bit'] = /^content-transfer-encoding:\s*(\S+)/im.exec(headers) ?? [];
    if (!/^(?:7bit|8bit|binary)$/i.test(encoding))
      throw badBody(
        `A part of the form is encoded as "${encoding.slice(0, 40)}". Send it as it is, without an encoding.`,
        415,
      );
    const [, type = ''] = /^content-type:(.*)$/im.exec(headers) ?? [];
    for (const parameter of type.split(';'))
      if (!(extendsAscii.test(parameter) && isAscii(part))) requireUtf8(parameter.trim());
  }
};

/** Character sets in which ASCII reads as in UTF-8. Apache's HttpClient declares Latin-1 for each text by itself. */
const extendsAscii = /^\s*charset\s*=\s*"?(?:us-ascii|iso-8859-\d+|windows-125\d)"?\s*$/i;
const isAscii = (part: string): boolean => !/[\u0080-\u00ff]/.test(part);

const partsOf = (bytes: Uint8Array, contentType: string): string[] => {
  const [, quoted, bare] = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return Buffer.from(bytes)
    .toString('latin1')
    .split(`--${quoted ?? bare}\r\n`)
    .slice(1);
};

const parseForm = async (bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> => {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw badBody(
      'The body is not valid multipart/form-data: it must be made of the parts that the boundary in its content-type announces.',
      400,
      error,
    );
  }
};

const toBase64 = async (file: File): Promise<string> =>
  Buffer.from(await file.arrayBuffer()).toString('base64');

const fileProblems = (entries: readonly [string, string | File][]): Problem[] => {
  const unnamed = entries.find(([name, value]) => fileFields.includes(name) && isBytes(value));
  if (unnamed !== undefined)
    return [
      { param: unnamed[0], message: 'holds bytes, but its part names no file: add filename="…" to it.' },
    ];
  const files = entries.flatMap(([name, value]) => (typeof value === 'string' ? [] : [{ name, value }]));
  const problems = files.flatMap(({ name, value }): Problem[] => {
    if (!fileFields.includes(name))
      return [{ param: name, message: `cannot be a file; a picture goes into ${fileFields[0]}.` }];
    return value.size === 0 ? [{ param: name, message: 'is an empty file.' }] : [];
  });
  const [, second] = files;
  return second === undefined
    ? problems
    : [...problems, { param: second.name, message: 'is a second file; one is taken. Send others as URLs.' }];
};

/** A part without a file's name is read as text, which bytes are not. */
const isBytes = (value: string | File): boolean => typeof value === 'string' && value.includes('\uFFFD');

/** `a[b][][c]` is the place `a`, `b`, any element (an empty step), `c`. `undefined`: the brackets do not match. */
const stepsOf = (name: string): string[] | undefined => {
  const [, first, rest] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
  if (first === undefined || rest === undefined) return undefined;
  return [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, step = '']) => step)];
};

const place = (body: JsonObject, name: string, value: Json): Problem[] => {
  const isElement = listFields.includes(name) && typeof value === 'string' && value !== '';
  const steps = stepsOf(isElement ? `${name}[]` : name);
  if (steps === undefined)
    return [
      { param: name, message: 'is no name of a field: write model, metadata[mode] or callback_events[].' },
    ];
  if (steps.slice(1).some((step) => /^\d+$/.test(step)))
    return [
      {
        param: name,
        message: `must be written without a number: ${name.replace(/\[\d+\]/g, '[]')}. Elements of a list are taken in the order of the form.`,
      },
    ];
  const forbidden = steps.find((step) => forbiddenNames.has(step));
  if (forbidden !== undefined)
    return [{ param: name, message: `must be removed: the name "${forbidden}" is not allowed.` }];
  if (steps.length > maxDepth)
    return [{ param: name, message: `is nested more than ${maxDepth} levels deep.` }];
  return put(body, steps, value)
    ? []
    : [{ param: name, message: 'stands in the form more than once; give it once.' }];
};

/** Whether the value found its place free. */
const put = (into: JsonObject | Json[], [step = '', ...rest]: readonly string[], value: Json): boolean => {
  if (Array.isArray(into)) return putIntoList(into, rest, value);
  const there = Object.hasOwn(into, step) ? into[step] : undefined;
  const [next] = rest;
  if (next === undefined) {
    if (there !== undefined) return false;
    into[step] = value;
    return true;
  }
  const container = there ?? (next === '' ? [] : {});
  if (typeof container !== 'object' || container === null || Array.isArray(container) !== (next === ''))
    return false;
  into[step] = container;
  return put(container, rest, value);
};

/** A new element begins when a name repeats. */
const putIntoList = (list: Json[], rest: readonly string[], value: Json): boolean => {
  const [next] = rest;
  if (next === undefined) return list.push(value) > 0;
  const last = list.at(-1);
  if (next !== '' && isJsonObject(last) && put(last, rest, value)) return true;
  const element: JsonObject | Json[] = next === '' ? [] : {};
  list.push(element);
  return put(element, rest, value);
};
