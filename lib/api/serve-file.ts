import type { OpenedObject } from '../aws/bucket.ts';
import { ApiError } from '../errors.ts';
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

/** Sends a file, or the part of it that `Range` asks for, itself; to `HEAD` its headers. */
export const serveFile = async (c: ApiContext, open: OpenFile): Promise<Response> => {
  const range = c.req.header('range');
  const onlyHeaders = c.req.method === 'HEAD';
  const file = await open({ onlyHeaders, ...(range !== undefined && { range }) });
  if (file === undefined)
    throw new ApiError('The file is no longer kept.', { status: 404, code: 'not_found' });
  if (file === 'no-such-part') throw noSuchPart(await open({ onlyHeaders: true }));
  const { body, headers } = file;
  const status = 'content-range' in headers ? 206 : 200;
  return body === undefined ? c.body(null, status, headers) : c.body(body, status, headers);
};
