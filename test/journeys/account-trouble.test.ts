import { expect, it, onTestFinished } from 'vitest';
import { aFolder } from '../support/a-folder.ts';
import { startAnsweringServer } from '../support/answering-server.ts';
import { startGateway } from '../support/gateway-process.ts';

it('an account that Kling refuses while a video renders raises the alarm, and the video is not lost', async () => {
  const kling = await startAnsweringServer();
  onTestFinished(kling.close);
  const gateway = await startGateway({
    DATA_DIR: await aFolder(),
    LOG_FORMAT: 'json',
    METRICS_NAMESPACE: 'Gateway',
    KLING_BASE_URL: kling.url,
    KLING_API_KEY: 'expires-tonight',
    TYPICAL_RENDER_SECONDS: '1',
  });
  const headers = { authorization: `Bearer ${gateway.apiKey}`, 'content-type': 'application/json' };
  const task = (status: string, more: object = {}) => ({
    status: 200,
    body: { code: 0, data: { task_id: '1', task_status: status, created_at: Date.now(), ...more } },
  });
  const videos = [{ id: '1', url: 'https://results.example/video.mp4', duration: '5' }];
  kling.answer(
    task('submitted'),
    { status: 401, body: { code: 1002, message: 'the access key is not known' } },
    task('succeed', { task_result: { videos } }),
  );

  const submitted = await fetch(`${gateway.url}/v1/video/generations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'kling/kling-v2-6', prompt: 'A paper boat' }),
  });
  const { id } = (await submitted.json()) as { id: string };
  const statusOf = async () => {
    const answer = await fetch(`${gateway.url}/v1/video/generations/${id}`, { headers });
    return ((await answer.json()) as { data: { status: string } }).data.status;
  };

  await expect.poll(statusOf).toBe('SUCCESS');
  const lines = gateway.output().split('\n');
  const polled = lines.find((line) => line.includes('"outcome":"operator-fault"')) ?? '{}';
  expect(JSON.parse(polled)).toMatchObject({
    level: 'error',
    event: 'video.polled',
    taskId: id,
    code: '1002',
    ProviderAccountTrouble: 1,
  });
});
