import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFollowLink, LinkAnswerError, UnfitLinkError } from '../../lib/assets/follow-link.ts';
import { createOpenResult } from '../../lib/assets/open-result.ts';
import { createGuardedLookup } from '../../lib/callbacks/guarded-lookup.ts';
import { loopback } from '../../local/cloud/loopback.ts';
import { startVideoStorage, storedVideo, type VideoStorage } from '../support/video-storage.ts';

let storage: VideoStorage;
beforeEach(async () => {
  storage = await startVideoStorage();
});
afterEach(() => storage.stop());

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
  const result = await openResult()(storage.url + path, { onlyHeaders: false, ...options });
  if (result === undefined || result === 'no-such-part') throw new Error(`opened: ${result}`);
  return result;
};

describe('a result that lies with its provider', () => {
  it('is opened whole, with the headers that describe it and no others', async () => {
    const { headers, body } = await opened('/video.mp4');
    expect(headers).toEqual({
      'accept-ranges': 'bytes',
      'content-length': String(storedVideo.length),
      'content-type': 'video/mp4',
    });
    expect(await new Response(body).text()).toBe(storedVideo.toString());
  });

  it('is opened in part', async () => {
    const { headers, body } = await opened('/video.mp4', { range: 'bytes=4-7' });
    expect(headers).toMatchObject({
      'content-length': '4',
      'content-range': `bytes 4-7/${storedVideo.length}`,
    });
    expect(await new Response(body).text()).toBe('ftyp');
  });

  it('is asked for with GET where only its headers are wanted: a link may be signed for no more', async () => {
    const { headers, body } = await opened('/video.mp4', { onlyHeaders: true });
    expect([headers['content-length'], body]).toEqual([String(storedVideo.length), undefined]);
    expect(storage.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('has no part beyond its end', async () => {
    const options = { range: 'bytes=1000-2000', onlyHeaders: false };
    expect(await openResult()(`${storage.url}/video.mp4`, options)).toBe('no-such-part');
  });

  it.each([403, 404, 410])('is gone when its storage answers %i', async (status) => {
    expect(await openResult()(`${storage.url}/status/${status}`, { onlyHeaders: false })).toBeUndefined();
  });

  it.each([400, 429, 500, 503])('may be there all the same when its storage answers %i', async (status) => {
    const asking = openResult()(`${storage.url}/status/${status}`, { onlyHeaders: false });
    await expect(asking).rejects.toThrow(LinkAnswerError);
  });

  it('is not asked for at an address that must not be followed', async () => {
    const asking = openResult(false)(`${storage.url}/video.mp4`, { onlyHeaders: false });
    await expect(asking).rejects.toThrow(UnfitLinkError);
    expect(storage.requests).toEqual([]);
  });
});
