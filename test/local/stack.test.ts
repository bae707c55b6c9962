import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { startTestStack } from '../support/stack.ts';

const start = async (variables: Record<string, string> = {}) => {
  const stack = await startTestStack({ variables: { STAND_IN_SECONDS: '0.1', ...variables } });
  onTestFinished(stack.stop);
  const post = async (body: object) => {
    const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
    const url = `${stack.url}/v1/video/generations`;
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { task_id: string }).task_id;
  };
  return { stack, post };
};

it('brings a task from its submission to a signed callback, and asks Kling once', async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.stop);
  const { stack, post } = await start();
  const taskId = await post({ model: 'kling/kling-v2-6', prompt: 'a boat', callback_url: receiver.url });
  const { body, headers } = await receiver.next();
  const event = new Webhook(stack.callbackSecret).verify(body, headers as Record<string, string>);
  expect(event).toMatchObject({ type: 'video.completed', data: { id: taskId, status: 'SUCCESS' } });
  expect(stack.kling.tally(taskId)).toEqual({ asked: 1, made: 1 });
});

it('runs again in the same process, with other settings and another Kling', async () => {
  const apiKey = 'sk-clearmaas-chosen';
  const { stack, post } = await start({ CLEARMAAS_API_KEY: apiKey });
  expect(stack.apiKey).toBe(apiKey);
  const taskId = await post({ model: 'kling/kling-v2-6', prompt: 'a boat' });
  await expect.poll(() => stack.kling.tally(taskId).made).toBe(1);
});

it('starts no fake of a provider whose address was set', async () => {
  const { stack } = await start({ OPENAI_BASE_URL: 'http://127.0.0.1:9' });
  expect(Object.keys(stack.fakes).toSorted()).toEqual(['google', 'kling', 'xai']);
});

it('serves the console when it is asked for', async () => {
  const { stack } = await start();
  const page = await fetch(`${stack.url}/console`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-encoding')).not.toBeNull();
  expect(await page.text()).toContain('<div id="app">');
});

it('serves no console where it is turned off', async () => {
  const { stack } = await start({ CONSOLE: 'false' });
  expect((await fetch(`${stack.url}/console`)).status).toBe(404);
});
