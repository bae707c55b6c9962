import { taskStatuses } from '../../tasks/task-status.ts';
import { after, bodyRefusals, idempotencyKey, limit, type Operation, taskId } from './operation.ts';

export const videoOperations: readonly Operation[] = [
  {
    operationId: 'createVideoTask',
    events: 'VideoEvent',
    tag: 'Video',
    method: 'post',
    path: '/video/generations',
    summary: 'Submit a video task',
    description:
      'Stored before the answer is given, and handed to the provider once. Fields that mean nothing here are named in warnings.',
    parameters: [idempotencyKey],
    request: { schema: 'VideoGenerationRequest', required: true },
    answers: [
      {
        status: 200,
        description: 'Task accepted (async: poll /v1/video/generations/{task_id}, or give a callback_url)',
        schema: 'VideoSubmitResponse',
      },
    ],
    headers: [
      'X-Clear-Resolved-Model',
      'X-Clear-Ignored-Fields',
      'X-Clear-Ignored-Metadata',
      'Idempotent-Replayed',
    ],
    refusals: [...bodyRefusals, 402, 404, 409, 410, 503],
  },
  {
    operationId: 'fetchVideoTask',
    tag: 'Video',
    method: 'get',
    path: '/video/generations/{task_id}',
    summary: 'Fetch a video task’s status',
    description: 'Retry-After says when to ask again; a callback_url makes asking needless.',
    parameters: [taskId],
    answers: [{ status: 200, description: 'How the task is doing', schema: 'TaskResponse' }],
    headers: ['X-Clear-Resolved-Model', 'Retry-After', 'openai-poll-after-ms'],
    refusals: [404],
  },
  {
    operationId: 'listVideoTasks',
    tag: 'Video',
    method: 'get',
    path: '/video/generations',
    summary: 'List your tasks, newest first',
    description: 'Page by page: give last_id of one page as after of the next while has_more is true.',
    parameters: [
      limit,
      after,
      {
        in: 'query',
        name: 'status',
        description: 'Only tasks of this status.',
        schema: { type: 'string', enum: taskStatuses },
      },
      {
        in: 'query',
        name: 'since',
        description: 'Only tasks submitted then or later: Unix seconds, or ISO 8601 with its zone.',
        schema: { type: 'string' },
      },
      {
        in: 'query',
        name: 'until',
        description: 'Only tasks submitted before: Unix seconds, or ISO 8601 with its zone.',
        schema: { type: 'string' },
      },
    ],
    answers: [{ status: 200, description: 'A page of tasks', schema: 'TaskList' }],
    refusals: [400, 404],
  },
  {
    operationId: 'cancelVideoTask',
    tag: 'Video',
    method: 'post',
    path: '/video/generations/{task_id}/cancel',
    summary: 'Cancel a task that its provider does not have yet',
    description: 'Once the provider has the task it renders to its end: then this is a 409.',
    parameters: [taskId],
    answers: [{ status: 200, description: 'The task, ended', schema: 'TaskResponse' }],
    refusals: [404, 409],
  },
  {
    operationId: 'getVideoContent',
    tag: 'Video',
    method: 'get',
    path: '/video/generations/{task_id}/content',
    summary: 'Be sent on to the video',
    description: 'A redirect to the video while it can be fetched, or with redirect=false the video itself.',
    parameters: [
      taskId,
      {
        in: 'query',
        name: 'redirect',
        description: 'false for clients that follow no redirect to another origin.',
        schema: { type: 'string', enum: ['true', 'false'], default: 'true' },
      },
    ],
    answers: [
      {
        status: 200,
        description: 'The video, where the gateway serves it itself',
        mediaType: 'application/octet-stream',
      },
      {
        status: 206,
        description: 'The part of it that Range asked for',
        mediaType: 'application/octet-stream',
      },
      { status: 302, description: 'The video is at Location' },
    ],
    headers: ['Location'],
    refusals: [404, 409, 416, 502],
  },
];
