import { type AssetStore, bucketLinkSeconds } from '../../assets/asset-store.ts';
import { type FileKind, kindOfFile } from '../../assets/file-id.ts';
import { type FileLink, judgeFileLink } from '../../assets/file-link.ts';
import { drawIfClip } from '../../assets/sandbox-clips.ts';
import { ApiError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { readRedirect, serveFile } from '../serve-file.ts';

type Dependencies = {
  assets: Pick<AssetStore, 'bucketLink' | 'openFile' | 'putVideo'>;
  linkSigningKey: string;
  now: Clock;
};

/** A browser may come back without asking us, as long as the link that it was sent to surely works. */
const redirectLifetimeSeconds = bucketLinkSeconds / 2;

const lifeOf: Record<FileKind, string> = {
  file: 'Links to images work for a day; keep the image itself.',
  clip: 'Links to what test keys made work as long as the task is kept.',
  result: 'Links to what a task made work as long as the task is kept; keep the video or image itself.',
};

/**
 * `GET /files/{id}`: whoever holds a signed link is sent on to the file. `HEAD` and `?redirect=false` are answered here, for
 * clients that follow no link to another origin; a link into the bucket is signed for one method only.
 */
export const createGetFile =
  ({ assets, linkSigningKey, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const fileId = c.req.param('id') ?? '';
    const redirect = readRedirect(c.req.query('redirect'));
    const link = { fileId, expires: c.req.query('expires') ?? '', signature: c.req.query('signature') ?? '' };
    requireValidLink(link, linkSigningKey, now());
    await drawIfClip(fileId, assets);
    if (c.req.method === 'HEAD' || redirect === 'false')
      return serveFile(c, (options) => assets.openFile(fileId, options));
    c.header('cache-control', `private, max-age=${redirectLifetimeSeconds}`);
    return c.redirect(await assets.bucketLink(fileId), 302);
  };

const requireValidLink = (link: FileLink, signingKey: string, nowMs: number): void => {
  const kind = kindOfFile(link.fileId);
  const verdict = kind && judgeFileLink(link, signingKey, nowMs);
  if (kind === undefined || verdict === 'forged')
    throw new ApiError(
      'This link was not made by this gateway, or has been changed. Use it exactly as it was given.',
      { status: 403, code: 'link_not_valid' },
    );
  if (verdict === 'expired')
    throw new ApiError(`This link has expired. ${lifeOf[kind]}`, { status: 410, code: 'link_expired' });
};
