import { taskStatuses } from '../../tasks/task.ts';
import { after, bodyRefusals, idempotencyKey, limit, type Operation, taskId } from './operation.ts';

export const videoOperations: readonly Operation[] = [
  {
    operationId: 'createVideoTask',
    tag: 'Video',
    method: 'post',
    path: '/video/generations',
    summary: 'Submit a video task',
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
    refusals: [...bodyRefusals, 404, 409, 503],
  },
  {
    operationId: 'fetchVideoTask',
    tag: 'Video',
    method: 'get',
    path: '/video/generations/{task_id}',
    summary: 'Fetch a video task’s status',
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
    parameters: [
      limit,
      after,
      {
        in: 'query',
        name: 'status',
        description: 'Only tasks of this status.',
        schema: { type: 'string', enum: taskStatuses },
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
    summary: 'Cancel a task that Kling does not have yet',
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
    parameters: [taskId],
    answers: [{ status: 302, description: 'The video is at Location' }],
    headers: ['Location'],
    refusals: [404, 409],
  },
];
