import { ApiError, invalidRequest } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ApiContext } from '../context.ts';
import { badBody, parseJsonBody } from './parse-json-body.ts';

/** A Function URL takes 6 MB, with base64 and envelope; this much JSON always fits. */
const maxBodyBytes = 5 * 1024 * 1024;

/**
 * Reads a request's JSON object: the only way in which a route reads one. A field that is `null` or `""` is left out,
 * at every depth. `taken` says what the route takes.
 *
 * @throws ApiError 400, 413 or 415 that says what is wrong with the body.
 */
export const readJsonBody = async (c: ApiContext, taken = 'JSON'): Promise<JsonObject> => {
  requireJsonType(c.req.header('content-type'), taken);
  return parseJsonBody(await readText(c));
};

/**
 * The fields of a request that does something else when one of them is mistyped, so that it may hold no other.
 *
 * @throws ApiError 400 for another field, and what {@link readJsonBody} throws.
 */
export const readExactFields = async <Name extends string>(
  c: ApiContext,
  names: readonly Name[],
): Promise<{ [name in Name]?: Json }> => {
  refuseQuery(c, names);
  return onlyFields(await readJsonBody(c), names);
};

/** The same where a request may do without a body: that counts as an empty object. */
export const readOptionalFields = async <Name extends string>(
  c: ApiContext,
  names: readonly Name[],
): Promise<{ [name in Name]?: Json }> => {
  refuseQuery(c, names);
  const text = await readText(c);
  if (text.trim() === '') return {};
  requireJsonType(c.req.header('content-type'));
  return onlyFields(parseJsonBody(text), names);
};

/** A field that stands in the query by mistake would be left out, and something else be done. */
const refuseQuery = (c: ApiContext, names: readonly string[]): void => {
  const problems = Object.keys(c.req.queries()).map((param) => ({
    param,
    message: names.includes(param)
      ? 'must stand in the body, not in the query.'
      : 'is no parameter here; there are none.',
  }));
  if (problems.length > 0) throw invalidRequest(problems);
};

const onlyFields = <Name extends string>(
  body: JsonObject,
  names: readonly Name[],
): { [name in Name]?: Json } => {
  const message = `is no field here; ${whatThereIs(names)}.`;
  const others = Object.keys(body).filter((name) => !(names as readonly string[]).includes(name));
  if (others.length > 0) throw invalidRequest(others.map((param) => ({ param, message })));
  // Each name was just found among those of the type.
  return body as { [name in Name]?: Json };
};

const whatThereIs = (names: readonly string[]): string =>
  names.length === 0 ? 'there are none' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;

const readText = async (c: ApiContext): Promise<string> => decode(await readBytes(c));

/** @throws ApiError 413 or 415 for a body that is too large or encoded. */
export const readBytes = async (c: ApiContext): Promise<Uint8Array<ArrayBuffer>> => {
  requireNoEncoding(c.req.header('content-encoding'));
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length > maxBodyBytes)
    throw new ApiError(
      'The body is larger than 5 MB. Send pictures as URLs instead of their bytes, or smaller ones.',
      { status: 413, code: 'request_too_large' },
    );
  return bytes;
};

const requireJsonType = (contentType = '', taken = 'JSON'): void => {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (!/^application\/(?:[\w.+-]+\+)?json$/i.test(type))
    throw badBody(
      `The body must be ${taken} with the header "content-type: application/json", not ${type === '' ? 'without a content type' : `"${type.slice(0, 80)}"`}.`,
      415,
    );
  for (const parameter of parameters) requireUtf8(parameter);
};

export const requireUtf8 = (parameter: string): void => {
  const [, charset] = /^charset\s*=\s*"?([^"]*)"?$/i.exec(parameter) ?? [];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw badBody(
    `The body must be UTF-8, not "${charset.slice(0, 40)}". Encode it as UTF-8, and declare charset=utf-8 or none.`,
    415,
  );
};

const requireNoEncoding = (encoding = 'identity'): void => {
  if (/^\s*(identity)?\s*$/i.test(encoding)) return;
  throw badBody(
    `The body is declared as "content-encoding: ${encoding.slice(0, 40)}". Send it as it is, without an encoding.`,
    415,
  );
};

const decode = (bytes: Uint8Array): string => {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw badBody('The body is compressed with gzip. Send it as it is, without an encoding.', 415);
  if (bytes.includes(0))
    throw badBody('The body is not UTF-8: it holds bytes of zero, as UTF-16 does. Encode it as UTF-8.');
  try {
    // Drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw badBody('The body is not UTF-8. Encode it as UTF-8; a file can be saved so.', 400, error);
  }
};
