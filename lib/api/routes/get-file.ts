import { type AssetStore, bucketLinkSeconds } from '../../assets/asset-store.ts';
import { type FileKind, kindOfFile } from '../../assets/file-id.ts';
import { judgeFileLink } from '../../assets/file-link.ts';
import { ApiError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';

export type GetFileDependencies = {
  assets: Pick<AssetStore, 'bucketLink'>;
  linkSigningKey: string;
  now: Clock;
};

/** A browser may come back without asking us, as long as the link that it was sent to surely works. */
const redirectLifetimeSeconds = bucketLinkSeconds / 2;

const lifeOf: Record<FileKind, string> = {
  file: 'Links to images work for a day; keep the image itself.',
  result: 'Links to what a task made work as long as the task is kept; keep the video or image itself.',
};

/** `GET /files/{id}`: whoever holds a signed link is sent on to the file. */
export const createGetFile =
  ({ assets, linkSigningKey, now }: GetFileDependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const fileId = c.req.param('id') ?? '';
    const link = { fileId, expires: c.req.query('expires') ?? '', signature: c.req.query('signature') ?? '' };
    const kind = kindOfFile(fileId);
    const verdict = kind && judgeFileLink(link, linkSigningKey, now());
    if (kind === undefined || verdict === 'forged')
      throw new ApiError(
        'This link was not made by this gateway, or has been changed. Use it exactly as it was given.',
        {
          status: 403,
          code: 'link_not_valid',
        },
      );
    if (verdict === 'expired')
      throw new ApiError(`This link has expired. ${lifeOf[kind]}`, {
        status: 410,
        code: 'link_expired',
      });
    c.header('cache-control', `private, max-age=${redirectLifetimeSeconds}`);
    return c.redirect(await assets.bucketLink(fileId), 302);
  };
