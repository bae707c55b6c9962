import {
  after,
  limit,
  type Operation,
  progressHeaders,
  range,
  redirect,
  videoCreation,
  videoDownload,
  videoId,
} from './operation.ts';

/** The tasks of `/video/generations` as OpenAI's SDKs know them. */
export const openAiVideoOperations: readonly Operation[] = [
  {
    operationId: 'createVideo',
    events: 'VideoEvent',
    tag: 'Videos',
    method: 'post',
    path: '/videos',
    summary: 'Create a video',
    description:
      'OpenAI’s dialect of createVideoTask: the same task, limits and callbacks. Takes a form or JSON; there is no default model.',
    request: { schema: 'VideoGenerationRequest', form: 'VideoCreateForm', required: true },
    answers: [{ status: 200, description: 'Accepted', schema: 'Video' }],
    ...videoCreation,
  },
  {
    operationId: 'retrieveVideo',
    tag: 'Videos',
    method: 'get',
    path: '/videos/{video_id}',
    summary: 'Retrieve a video',
    description: 'How it is doing; openai-poll-after-ms sets the pace of the SDKs’ helpers.',
    parameters: [videoId],
    answers: [{ status: 200, description: 'The video', schema: 'Video' }],
    headers: progressHeaders,
    refusals: [404],
  },
  {
    operationId: 'listVideos',
    tag: 'Videos',
    method: 'get',
    path: '/videos',
    summary: 'List your videos',
    description: 'Newest first, or oldest first by order=asc; videos of both dialects.',
    parameters: [
      limit,
      after,
      {
        in: 'query',
        name: 'order',
        description: 'By the time of creation.',
        schema: { type: 'string', enum: ['asc', 'desc'], default: 'desc' },
      },
    ],
    answers: [{ status: 200, description: 'A page of videos', schema: 'VideoList' }],
    refusals: [400, 404],
  },
  {
    operationId: 'downloadVideoContent',
    tag: 'Videos',
    method: 'get',
    path: '/videos/{video_id}/content',
    summary: 'Download a video',
    description:
      'A redirect to the MP4, or with redirect=false the MP4 itself. Range and HEAD work on both ways.',
    parameters: [
      videoId,
      {
        in: 'query',
        name: 'variant',
        description: 'Nothing else is made.',
        schema: { type: 'string', enum: ['video'], default: 'video' },
      },
      redirect,
      range,
    ],
    ...videoDownload,
    refusals: [400, 404, 409, 416, 502],
  },
  {
    operationId: 'deleteVideo',
    tag: 'Videos',
    method: 'delete',
    path: '/videos/{video_id}',
    summary: 'Delete a video',
    description:
      'Takes a task that has ended away for good, with its delivery log, its pictures and the gateway’s copy. One that goes on is a 409.',
    parameters: [videoId],
    answers: [{ status: 200, description: 'Deleted', schema: 'DeletedVideo' }],
    refusals: [404, 409],
  },
];
