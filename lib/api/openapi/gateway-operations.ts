import type { Operation } from './operation.ts';

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
    operationId: 'getOpenApi',
    tag: 'Gateway',
    method: 'get',
    path: '/openapi.json',
    withoutKey: true,
    summary: 'Get this document',
    answers: [{ status: 200, description: 'This document' }],
    refusals: [],
  },
  {
    operationId: 'getHealth',
    tag: 'Gateway',
    method: 'get',
    path: '/healthz',
    withoutKey: true,
    summary: 'See whether the gateway answers',
    answers: [{ status: 200, description: 'It does', schema: 'Health' }],
    refusals: [],
  },
];
