import { env } from 'node:process';
import { expect, test } from 'vitest';

const { CLEARMAAS_URL, CLEARMAAS_TEST_KEY } = env;
const videos = `${CLEARMAAS_URL}/v1/video/generations`;

const call = async (url, body) => {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${CLEARMAAS_TEST_KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return response.json();
};

/** A video's task once it has ended. */
const make = async (prompt) => {
  const { id } = await call(videos, { model: 'kling/kling-v2-6', prompt });
  for (;;) {
    const { data } = await call(`${videos}/${id}`);
    if (data.status === 'SUCCESS' || data.status === 'FAILURE') return data;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

test('a video is made, and costs nothing', { timeout: 60_000 }, async () => {
  const task = await make('A paper boat [1s]');
  expect(task).toMatchObject({ status: 'SUCCESS', livemode: false });
  const video = await fetch(task.result_url);
  expect(video.headers.get('content-type')).toBe('video/mp4');
});

test('a video that fails says why', { timeout: 60_000 }, async () => {
  const task = await make('A paper boat [fail] [1s]');
  expect(task.status).toBe('FAILURE');
  expect(task.fail_reason).toContain('[fail]');
});
