import { expect } from 'vitest';
import { createTestApi, errorOf } from './api.ts';

/** How a video request is refused, of which nothing may leave a trace. */
export const refusal = async (body: unknown, headers: Record<string, string> = {}) => {
  const api = createTestApi();
  const response = await api.submit(body, headers);
  expect(api.created).toEqual([]);
  expect(api.sent).toEqual([]);
  expect(api.pictures.size).toBe(0);
  expect(response.headers.get('x-request-id')).toBeTruthy();
  const error = await errorOf(response);
  expect(error).toStrictEqual({
    message: expect.stringMatching(/\S.*[.]$/s),
    type: 'clearmaas_api_error',
    code: expect.any(String),
    param: error.param === null ? null : expect.any(String),
  });
  return { status: response.status, headers: response.headers, ...error };
};
