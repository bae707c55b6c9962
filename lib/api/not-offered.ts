import { ApiError } from '../errors.ts';

const otherVideo =
  'POST /v1/videos makes a new one from a prompt, a picture (input_reference) or, on omni models, a video (metadata.video_list).';
const otherImage = 'POST /v1/images/generations makes new ones from a prompt.';

/** What OpenAI has and no provider here makes, by its address, and what to do instead. */
export const notOffered = {
  '/v1/videos/:video_id/remix': ['A remix of a video', otherVideo],
  '/v1/videos/edits': ['An edit of a video', otherVideo],
  '/v1/videos/extensions': ['An extension of a video', otherVideo],
  '/v1/videos/characters': ['A character', otherVideo],
  '/v1/videos/characters/:id': ['A character', otherVideo],
  '/v1/images/edits': ['An edit of an image', otherImage],
  '/v1/images/variations': ['A variation of an image', otherImage],
} as const;

export const refuseNotOffered =
  ([what, instead]: readonly [what: string, instead: string]) =>
  (): never => {
    throw new ApiError(`${what} is not offered here. ${instead}`, {
      status: 400,
      code: 'api_not_implemented',
    });
  };

/** `/v1/videos/generations`, a mixture of both dialects, would otherwise be read as the id of a video. */
export const refuseMixture = (): never => {
  throw new ApiError(
    'There is no such address here. Did you mean /v1/video/generations? POST /v1/videos makes videos, too.',
    { status: 404, code: 'not_found' },
  );
};

/** OpenAI's dialect has no way to call a video off; the other one has. */
export const refuseCancel = (): never => {
  throw new ApiError(
    'There is no such address here. Did you mean POST /v1/video/generations/{task_id}/cancel, with the same id?',
    { status: 404, code: 'not_found' },
  );
};

/** A method that an address does not take, and where what it asks for is done. */
const doneElsewhere: readonly { method: string; path: RegExp; where: string }[] = [
  {
    method: 'DELETE',
    path: /^\/v1\/video\/generations\/[^/]+$/,
    where:
      'DELETE /v1/videos/{task_id} deletes a video that has ended; POST /v1/video/generations/{task_id}/cancel calls one off that its provider does not have yet.',
  },
  {
    method: 'DELETE',
    path: /^\/v1\/images\/generations\/[^/]+$/,
    where:
      'Images are kept for a limited time and cannot be deleted earlier; POST /v1/video/generations/{task_id}/cancel calls a task off that no provider was asked for yet.',
  },
  {
    method: 'POST',
    path: /^\/v1\/(videos|video\/generations)\/[^/]+$/,
    where:
      'POST /v1/videos or /v1/video/generations makes a video, and with ?estimate=true says what it would cost.',
  },
  {
    method: 'GET',
    path: /^\/v1\/images\/generations$/,
    where:
      'There is no list of images: GET /v1/images/generations/{task_id} tells of one task, GET /v1/events of those that have ended.',
  },
  ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => ({
    method,
    path: /^\/v1\/callbacks\/secret$/,
    where: 'POST /v1/callbacks/secret/rotate makes a new secret.',
  })),
];

export const whereElse = (method: string, path: string): string | undefined =>
  doneElsewhere.find((way) => way.method === method && way.path.test(path))?.where;
