import { expect, it, onTestFinished } from 'vitest';
import { aFolder } from '../support/a-folder.ts';
import { startAnsweringServer } from '../support/answering-server.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { startReceiver } from '../support/receiver.ts';

const mark = {
  prompt: 'marked-prompt',
  query: 'marked-query',
  link: 'marked-link',
  header: 'marked-header',
  providerKey: 'marked-provider-key',
  webhookToken: 'marked-webhook-token',
};

const call = ({ url, apiKey }: GatewayProcess, path: string, body?: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });

/** The lines of the log; what is printed for a person at the start is left out. */
const logOf = (gateway: GatewayProcess): string =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .join('\n');

it('the log of whole journeys holds no prompt, query, key, link or word of a provider', async () => {
  const kling = await startAnsweringServer();
  onTestFinished(kling.close);
  const receiver = await startReceiver();
  onTestFinished(receiver.stop);
  const gateway = await startGateway({
    DATA_DIR: await aFolder(),
    LOG_LEVEL: 'debug',
    LOG_FORMAT: 'json',
    KLING_BASE_URL: kling.url,
    KLING_API_KEY: mark.providerKey,
    TYPICAL_RENDER_SECONDS: '1',
  });
  const told = (text: string | RegExp) => expect.poll(() => logOf(gateway)).toMatch(text);
  const quoting = (code: number) => ({ status: 429, body: { code, message: `No: "${mark.prompt}"` } });
  const submit = () =>
    call(gateway, '/v1/video/generations', {
      model: 'kling/kling-v2-6',
      prompt: mark.prompt,
      callback_url: `${receiver.url}?token=${mark.query}`,
    });
  const task = (status: string, more: object = {}) => ({
    status: 200,
    body: { code: 0, data: { task_id: '1', task_status: status, created_at: Date.now(), ...more } },
  });

  kling.answer(quoting(1301));
  expect((await submit()).status).toBe(200);
  await told(/callback\.attempted/);
  kling.answer(quoting(1102));
  await submit();
  await told(/"status":"operator-fault"/);
  const videos = [
    { id: '1', url: `https://results.example/video.mp4?signature=${mark.link}`, duration: '5' },
  ];
  kling.answer(
    task('submitted'),
    quoting(5000),
    { status: 200, text: `<html>${mark.prompt}` },
    task('succeed', { task_result: { videos } }),
  );
  await submit();
  await told(/"status":"SUCCESS"/);
  for (const word of ['refused', 'fail', 'lost'])
    await call(gateway, '/v1/images/generations', {
      model: 'openai/gpt-image-1',
      prompt: `${mark.prompt} [${word}]`,
    });
  await call(gateway, `/v1/video/generations?limit=1&after=${mark.query}`);
  await call(gateway, `/v1/video/generations`, { model: mark.prompt, prompt: mark.prompt });
  await call(gateway, `/hooks/kling/task_1/${mark.webhookToken}`, { task_status: mark.prompt });
  await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${mark.header}` } });
  await told(/"status":401/);

  const log = logOf(gateway);
  for (const event of ['task.accepted', 'video.polled', 'images.not-made', 'request.answered'])
    expect(log).toContain(event);
  for (const secret of [...Object.values(mark), gateway.apiKey]) expect(log).not.toContain(secret);
});
