import type { Operation } from './operation.ts';

export const gatewayOperations: readonly Operation[] = [
  {
    operationId: 'listModels',
    tag: 'Models',
    method: 'get',
    path: '/models',
    summary: 'List the models',
    description: 'With the day on which a model ends and its successor, where that is known.',
    answers: [{ status: 200, description: 'All models', schema: 'ModelList' }],
    refusals: [],
  },
  {
    operationId: 'getModel',
    tag: 'Models',
    method: 'get',
    path: '/models/{model_id}',
    summary: 'Get one model',
    description: 'By its public id, or without its namespace where only one model can be meant.',
    parameters: [
      {
        in: 'path',
        name: 'model_id',
        description: 'With its prefix; the slash may be written as it is or as %2F.',
        schema: { type: 'string' },
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
    description: 'Needs no key.',
    answers: [{ status: 200, description: 'This document', mediaType: 'application/json' }],
    refusals: [405],
  },
  {
    operationId: 'getHealth',
    tag: 'Gateway',
    method: 'get',
    path: '/healthz',
    withoutKey: true,
    summary: 'See whether the gateway answers',
    description: 'Needs no key and asks nothing behind the gateway.',
    answers: [{ status: 200, description: 'It does', schema: 'Health' }],
    refusals: [405],
  },
];
