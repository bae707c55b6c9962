import { expect, it } from 'vitest';
import { createTestApi, errorOf } from '../support/api.ts';

it.each([
  ['recover', '/v1/callbacks/recover', { since: '2026-11-22T00:00:00Z' }],
  ['test', '/v1/callbacks/test', { url: 'https://hooks.example.com' }],
  ['rotate', '/v1/callbacks/secret/rotate', undefined],
  ['redeliver', `/v1/video/generations/task_${'a'.repeat(32)}/deliveries`, undefined],
] as const)('%s has a limit of its own, which reading does not use up', async (bucket, path, body) => {
  const api = createTestApi();
  await api.post(path, body);
  expect(api.limits.taken).toMatchObject({ [bucket]: 1, read: 0, create: 0 });
  api.limits.exhausted.add(bucket);
  const response = await api.post(path, body);
  expect(response.status).toBe(429);
  expect(await errorOf(response)).toMatchObject({ code: 'rate_limit_exceeded' });
  expect((await api.get('/v1/models')).status).toBe(200);
});
