import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFollowLink, LinkAnswerError, UnfitLinkError } from '../../lib/assets/follow-link.ts';
import { createOpenResult } from '../../lib/assets/open-result.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

const video = Buffer.from('....ftypisom and what follows');

/** As a provider's storage answers: with ranges, and with headers that are no business of a client. */
const serveVideo = (range: string | undefined) => {
  const headers = { 'accept-ranges': 'bytes', 'content-type': 'video/mp4', 'set-cookie': 'a=b', server: 'x' };
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (from === undefined || to === undefined) return { status: 200, headers, body: video };
  if (Number(from) >= video.length) return { status: 416, headers: {}, body: Buffer.alloc(0) };
  const body = video.subarray(Number(from), Number(to) + 1);
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${video.length}` },
    body,
  };
};

let server: Server;
let url: string;
let asked: IncomingMessage[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    const [, status] = /^\/status\/(\d+)$/.exec(request.url ?? '') ?? [];
    if (status !== undefined) return void response.writeHead(Number(status)).end('<html>');
    const { status: ok, headers, body } = serveVideo(request.headers.range);
    response.writeHead(ok, { ...headers, 'content-length': body.length }).end(body);
  });
  url = `http://${loopback}:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => stopListening(server));
beforeEach(() => {
  asked = [];
});

const openResult = (allowLoopbackHttp = true) => {
  const isAllowedAddress = () => true;
  return createOpenResult(
    createFollowLink({
      lookup: createGuardedLookup({ resolve: async () => [loopback], isAllowedAddress, onResolved() {} }),
      isAllowedAddress,
      allowLoopbackHttp,
    }),
  );
};
const opened = async (path: string, options: { range?: string; onlyHeaders?: boolean } = {}) => {
  const result = await openResult()(url + path, { onlyHeaders: false, ...options });
  if (result === undefined || result === 'no-such-part') throw new Error(`opened: ${result}`);
  return result;
};

describe('a result that lies with its provider', () => {
  it('is opened whole, with the headers that describe it and no others', async () => {
    const { headers, body } = await opened('/video.mp4');
    expect(headers).toEqual({
      'accept-ranges': 'bytes',
      'content-length': String(video.length),
      'content-type': 'video/mp4',
    });
    expect(await new Response(body).text()).toBe(video.toString());
  });

  it('is opened in part', async () => {
    const { headers, body } = await opened('/video.mp4', { range: 'bytes=4-7' });
    expect(headers).toMatchObject({
      'content-length': '4',
      'content-range': `bytes 4-7/${video.length}`,
    });
    expect(await new Response(body).text()).toBe('ftyp');
  });

  it('is asked for with GET where only its headers are wanted: a link may be signed for no more', async () => {
    const { headers, body } = await opened('/video.mp4', { onlyHeaders: true });
    expect([headers['content-length'], body]).toEqual([String(video.length), undefined]);
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
  });

  it('has no part beyond its end', async () => {
    const options = { range: 'bytes=1000-2000', onlyHeaders: false };
    expect(await openResult()(`${url}/video.mp4`, options)).toBe('no-such-part');
  });

  it.each([403, 404, 410])('is gone when its storage answers %i', async (status) => {
    expect(await openResult()(`${url}/status/${status}`, { onlyHeaders: false })).toBeUndefined();
  });

  it.each([400, 429, 500, 503])('may be there all the same when its storage answers %i', async (status) => {
    const asking = openResult()(`${url}/status/${status}`, { onlyHeaders: false });
    await expect(asking).rejects.toThrow(LinkAnswerError);
  });

  it('is not asked for at an address that must not be followed', async () => {
    const asking = openResult(false)(`${url}/video.mp4`, { onlyHeaders: false });
    await expect(asking).rejects.toThrow(UnfitLinkError);
    expect(asked).toEqual([]);
  });
});
