import { createServer, type RequestListener, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDownload } from '../../lib/assets/download.ts';
import { createFollowLink, UnfitLinkError } from '../../lib/assets/follow-link.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { isPublicAddress } from '../../lib/public-host.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

const content = Buffer.alloc(300_000, 7);

const answers: Record<string, RequestListener> = {
  '/whole': (_request, response) => response.end(content),
  '/announced': (_request, response) =>
    response.writeHead(200, { 'content-length': 999_999_999 }).flushHeaders(),
  '/missing': (_request, response) => response.writeHead(404).end('<html>'),
  '/cut-off': (_request, response) =>
    response
      .writeHead(200, { 'content-length': content.length })
      .write(content.subarray(0, 9), () => response.destroy()),
  '/moved': (_request, response) => response.writeHead(302, { location: '/whole' }).end(),
  '/round': (_request, response) => response.writeHead(302, { location: '/round' }).end(),
  '/inside': (_request, response) =>
    response.writeHead(302, { location: 'https://169.254.169.254/latest' }).end(),
  '/plain': (_request, response) =>
    response.writeHead(302, { location: 'http://cdn.example/video.mp4' }).end(),
  '/silent': () => {},
};

let server: Server;
let url: string;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answers[request.url ?? '']?.(request, response);
  });
  url = `http://${loopback}:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => stopListening(server));

/** As on a developer's machine, except that private addresses other than this machine stay closed. */
const isAllowedAddress = (address: string) => address === loopback || isPublicAddress(address);
const resolve = async (host: string) => (host === 'rebound.example' ? ['10.0.0.1'] : [loopback]);
const aDownload = (changes: Partial<Parameters<typeof createFollowLink>[0]> = {}, maxBytes = 500_000) => {
  const followLink = createFollowLink({
    lookup: createGuardedLookup({ resolve, isAllowedAddress, onResolved() {} }),
    isAllowedAddress,
    allowLoopbackHttp: true,
    ...changes,
  });
  const download = createDownload(followLink, maxBytes);
  return async (link: string, signal = new AbortController().signal) => buffer(await download(link, signal));
};

describe('a download', () => {
  it.each(['/whole', '/moved'])('brings the bytes behind %s', async (path) => {
    expect((await aDownload()(url + path)).equals(content)).toBe(true);
  });

  it.each(['/missing', '/cut-off'])('fails for the moment at %s', async (path) => {
    const failure = await aDownload()(url + path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(UnfitLinkError);
  });

  it('ends when it is called off', async () => {
    await expect(aDownload()(`${url}/silent`, AbortSignal.timeout(50))).rejects.toThrow();
  });

  it.each([
    ['is announced as larger than allowed', '/announced', 500_000],
    ['turns out to be larger than allowed', '/whole', 299_999],
  ])('is given up when its content %s', async (_what, path, maxBytes) => {
    await expect(aDownload({}, maxBytes)(url + path)).rejects.toThrow(/larger than/);
  });

  it('does not follow a link round and round', async () => {
    asked.length = 0;
    await expect(aDownload()(`${url}/round`)).rejects.toThrow(UnfitLinkError);
    expect(asked).toHaveLength(4);
  });
});

describe('a download never goes', () => {
  it.each([
    ['to plain http', 'http://cdn.example/video.mp4'],
    ['to another scheme', 'file:///etc/passwd'],
    ['to a private address', 'https://10.0.0.1/video.mp4'],
    ['to a private address in another spelling', 'https://0x0a000001/video.mp4'],
    ['to a private IPv6 address', 'https://[fd00:ec2::254]/video.mp4'],
    ['to a name that leads to a private address', 'https://rebound.example/video.mp4'],
  ])('%s', async (_where, link) => {
    await expect(aDownload()(link)).rejects.toThrow(UnfitLinkError);
  });

  it.each(['/inside', '/plain'])('there by a redirect either (%s)', async (path) => {
    await expect(aDownload()(url + path)).rejects.toThrow(UnfitLinkError);
  });

  it('to this machine, where private addresses are not allowed', async () => {
    asked.length = 0;
    await expect(aDownload({ allowLoopbackHttp: false })(`${url}/whole`)).rejects.toThrow(UnfitLinkError);
    expect(asked).toEqual([]);
  });
});
