import type { OpenedObject } from '../aws/bucket.ts';
import { ApiError, invalidRequest } from '../errors.ts';
import type { ApiContext } from './context.ts';

type OpenFile = (options: {
  range?: string;
  onlyHeaders: boolean;
}) => Promise<OpenedObject | 'no-such-part' | undefined>;

/** Says how long the file is, so that whoever resumes a download knows whether it was whole (RFC 9110, 15.5.17). */
const noSuchPart = (file: Awaited<ReturnType<OpenFile>>): ApiError => {
  const length = typeof file === 'object' ? file.headers['content-length'] : undefined;
  const sized = length === undefined ? '' : `, which has ${length} bytes`;
  return new ApiError(`The Range that was asked for is not in the file${sized}.`, {
    status: 416,
    code: 'invalid_request',
    param: 'Range',
    ...(length !== undefined && { headers: { 'content-range': `bytes */${length}` } }),
  });
};

/** Whether the caller follows a link to another origin; `false`: the bytes themselves. */
export const readRedirect = (redirect: string | undefined): string | undefined => {
  if (redirect && redirect !== 'true' && redirect !== 'false')
    throw invalidRequest([{ param: 'redirect', message: 'must be true or false.' }]);
  return redirect;
};

/**
 * The one part of a file that a `Range` asks for. Several parts, another unit and what cannot be read count as none, so
 * that the whole file is the answer, as RFC 9110 (14.2) has it.
 */
export const oneRange = (header: string | undefined): string | undefined => {
  const [range, first, last] = /^bytes=(?:(\d+)-(\d*)|-\d+)$/i.exec(header?.trim() ?? '') ?? [];
  const isBackwards = Boolean(last) && Number(first) > Number(last);
  return isBackwards ? undefined : range?.toLowerCase();
};

/** Sends a file, or the part of it that `Range` asks for, itself; to `HEAD` its headers. */
export const serveFile = async (c: ApiContext, open: OpenFile): Promise<Response> => {
  const range = oneRange(c.req.header('range'));
  const onlyHeaders = c.req.method === 'HEAD';
  const file = await open({ onlyHeaders, ...(range !== undefined && { range }) });
  if (file === undefined)
    throw new ApiError('The file is no longer kept.', { status: 404, code: 'not_found' });
  if (file === 'no-such-part') throw noSuchPart(await open({ onlyHeaders: true }));
  const { body, headers } = file;
  const status = 'content-range' in headers ? 206 : 200;
  return body === undefined ? c.body(null, status, headers) : c.body(body, status, headers);
};
