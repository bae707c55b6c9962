import { type Operation, type Parameter, taskId } from './operation.ts';

const linkPart = (name: string): Parameter => ({
  in: 'query',
  name,
  description: 'As it stands in the link.',
  schema: { type: 'string' },
});

export const gatewayOperations: readonly Operation[] = [
  {
    operationId: 'listModels',
    tag: 'Models',
    method: 'get',
    path: '/models',
    summary: 'List the models',
    answers: [{ status: 200, description: 'All models', schema: 'ModelList' }],
    refusals: [],
  },
  {
    operationId: 'getModel',
    tag: 'Models',
    method: 'get',
    path: '/models/{model_id}',
    summary: 'Get one model',
    parameters: [
      {
        in: 'path',
        name: 'model_id',
        description: 'With its prefix; the slash may be written as it is or as %2F.',
        schema: { type: 'string', examples: ['kling/kling-v3'] },
      },
    ],
    answers: [{ status: 200, description: 'The model', schema: 'Model' }],
    refusals: [404],
  },
  {
    operationId: 'getFile',
    tag: 'Gateway',
    method: 'get',
    path: '/files/{id}',
    fromRoot: true,
    summary: 'Be sent on to a stored file, by a link that the gateway has made',
    parameters: [
      { in: 'path', name: 'id', description: 'As it stands in the link.', schema: { type: 'string' } },
      linkPart('expires'),
      linkPart('signature'),
    ],
    answers: [{ status: 302, description: 'The file is at Location' }],
    headers: ['Location'],
    refusals: [403, 410],
  },
  {
    operationId: 'receiveKlingPush',
    tag: 'Gateway',
    method: 'post',
    path: '/hooks/kling/{task_id}/{token}',
    fromRoot: true,
    summary: 'Take news from Kling, as a hint to ask',
    parameters: [
      taskId,
      { in: 'path', name: 'token', description: 'Known to Kling alone.', schema: { type: 'string' } },
    ],
    answers: [{ status: 200, description: 'Taken', schema: 'PushReceipt' }],
    refusals: [404],
  },
  {
    operationId: 'getOpenApi',
    tag: 'Gateway',
    method: 'get',
    path: '/openapi.json',
    fromRoot: true,
    summary: 'Get this document',
    answers: [{ status: 200, description: 'This document' }],
    refusals: [],
  },
  {
    operationId: 'getHealth',
    tag: 'Gateway',
    method: 'get',
    path: '/healthz',
    fromRoot: true,
    summary: 'See whether the gateway answers',
    answers: [{ status: 200, description: 'It does', schema: 'Health' }],
    refusals: [],
  },
];
