import { usageGroups } from '../routes/get-usage.ts';
import type { Operation, Parameter } from './operation.ts';

const dayParameter = (name: string, description: string): Parameter => ({
  in: 'query',
  name,
  description,
  schema: { type: 'string', format: 'date' },
});

export const gatewayOperations: readonly Operation[] = [
  {
    operationId: 'listModels',
    tag: 'Models',
    method: 'get',
    path: '/models',
    summary: 'List the models',
    description:
      'With the day on which a model ends and its successor, where that is known. Always all of them; a query is ignored.',
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
    operationId: 'getUsage',
    tag: 'Gateway',
    method: 'get',
    path: '/usage',
    summary: 'See what your tasks came to',
    description:
      'By day, model or key: the tasks that have ended and the images that were answered at once, on the day on which they were accepted. Days are UTC.',
    parameters: [
      dayParameter('from', 'The first day; the first of the month of to, if left out.'),
      dayParameter('to', 'The last day, at most 400 days in all; today, if left out.'),
      {
        in: 'query',
        name: 'group_by',
        description: 'What each row is about.',
        schema: { type: 'string', enum: usageGroups, default: 'day' },
      },
    ],
    answers: [{ status: 200, description: 'The sums', schema: 'UsageReport' }],
    refusals: [400],
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
