import {
  bodyRefusals,
  estimateParameter,
  idempotencyKey,
  type Operation,
  progressHeaders,
  taskId,
} from './operation.ts';

export const imageOperations: readonly Operation[] = [
  {
    operationId: 'createImage',
    events: 'ImageEvent',
    tag: 'Images',
    method: 'post',
    path: '/images/generations',
    summary: 'Create an image',
    description:
      'Answers with links or base64 when the images are made; with a task at once where a callback_url or Prefer: respond-async asks for that.',
    estimates: true,
    parameters: [
      estimateParameter,
      idempotencyKey,
      {
        in: 'header',
        name: 'Prefer',
        description: 'respond-async: answer at once with a task instead of waiting for the images.',
        schema: { type: 'string' },
      },
    ],
    request: { schema: 'ImageGenerationRequest', required: true },
    answers: [
      { status: 200, description: 'OK', schema: 'ImageResponse' },
      {
        status: 202,
        description: 'Accepted as a task, because the request has a callback_url or prefers respond-async',
        schema: 'ImageSubmitResponse',
      },
    ],
    headers: [
      'X-Clear-Resolved-Model',
      'X-Clear-Fallback-Level',
      'X-Clear-Fallback-Model',
      'X-Clear-Ignored-Fields',
      'X-Clear-Cost-Usd',
      'X-Clear-Warnings',
      'Idempotent-Replayed',
      'Location',
      'Preference-Applied',
    ],
    refusals: [...bodyRefusals, 402, 404, 409, 502, 503],
  },
  {
    operationId: 'fetchImageTask',
    tag: 'Images',
    method: 'get',
    path: '/images/generations/{task_id}',
    summary: 'Fetch an image task’s status',
    description: 'For images that were accepted as a task.',
    parameters: [taskId],
    answers: [{ status: 200, description: 'How the task is doing', schema: 'TaskResponse' }],
    headers: progressHeaders,
    refusals: [404],
  },
];
