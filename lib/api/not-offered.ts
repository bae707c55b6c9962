import { ApiError } from '../errors.ts';

/** What OpenAI's dialect has and no provider here makes. */
const notOffered = {
  '/:video_id/remix': 'A remix of a video',
  '/edits': 'An edit of a video',
  '/extensions': 'An extension of a video',
  '/characters': 'A character',
  '/characters/:id': 'A character',
} as const;

/** The paths below `/v1/videos` that are known and refused, and what each is for. */
export const notOfferedPaths: readonly [path: string, what: string][] = Object.entries(notOffered);

export const refuseNotOffered = (what: string) => (): never => {
  throw new ApiError(
    `${what} is not offered here. POST /v1/videos makes a new one from a prompt, a picture (input_reference) or, on omni models, a video (metadata.video_list).`,
    { status: 400, code: 'api_not_implemented' },
  );
};

/** `/v1/videos/generations`, a mixture of both dialects, would otherwise be read as the id of a video. */
export const refuseMixture = (): never => {
  throw new ApiError(
    'There is no such address here. Did you mean /v1/video/generations? POST /v1/videos makes videos, too.',
    {
      status: 404,
      code: 'not_found',
    },
  );
};
