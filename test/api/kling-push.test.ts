import { beforeEach, describe, expect, it } from 'vitest';
import { klingPushUrl } from '../../lib/providers/kling/push-address.ts';
import push from '../fixtures/kling/push-succeed.json' with { type: 'json' };
import { createTestApi, linkSigningKey, ownUrl, type TestApi } from '../support/api.ts';

const taskId = 'task_0123456789ABCDEFGHIJKLMNOPQRSTUV';
const otherTaskId = 'task_ABCDEFGHIJKLMNOPQRSTUV0123456789';
const urlOf = (id: string, key = linkSigningKey) => klingPushUrl(ownUrl, id, key);

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const send = (url: string, body: string = JSON.stringify(push.body)) =>
  api.app.request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('a push of Kling', () => {
  it('makes us ask, and no more: what it says is not believed', async () => {
    const response = await send(urlOf(taskId));
    expect(response.status).toBe(200);
    expect(api.sent).toEqual([{ queue: 'poll', message: { taskId } }]);
  });

  it.each([
    ['nothing', ''],
    ['rubbish', '{{{'],
    ['the success of another task', JSON.stringify({ ...push.body, task_id: '1' })],
  ])('does the same with %s in it', async (_what, body) => {
    expect((await send(urlOf(taskId), body)).status).toBe(200);
    expect(api.sent).toEqual([{ queue: 'poll', message: { taskId } }]);
  });

  it('may be repeated: each only asks for a look', async () => {
    await send(urlOf(taskId));
    await send(urlOf(taskId));
    expect(new Set(api.sent.map(({ message }) => JSON.stringify(message))).size).toBe(1);
  });

  it('is accepted although its wake-up cannot be sent: the polls go on', async () => {
    const wakeUps = {
      submit: async () => {},
      poll: () => Promise.reject(new Error('the queue is away')),
      deliver: async () => {},
    };
    api = createTestApi({ dependencies: { wakeUps } });
    expect((await send(urlOf(taskId))).status).toBe(200);
  });

  const token = urlOf(taskId).split('/').at(-1) ?? '';
  it.each([
    ['forged', `${ownUrl}/hooks/kling/${taskId}/${'A'.repeat(token.length)}`],
    ['cut short', `${ownUrl}/hooks/kling/${taskId}/${token.slice(0, -1)}`],
    ['for another task', `${ownUrl}/hooks/kling/${otherTaskId}/${token}`],
    ['signed with another key', urlOf(taskId, 'another key')],
    ['without a token', `${ownUrl}/hooks/kling/${taskId}/`],
    ['in other letters', `${ownUrl}/hooks/kling/${taskId}/${token.toLowerCase()}`],
    ['with letters of two bytes', `${ownUrl}/hooks/kling/${taskId}/${encodeURIComponent('ü'.repeat(32))}`],
  ])('that is %s is not known here and wakes nobody', async (_what, url) => {
    expect((await send(url)).status).toBe(404);
    expect(api.sent).toEqual([]);
  });

  it('leaves its token in no log line', async () => {
    await send(urlOf(taskId));
    expect(JSON.stringify(api.logged)).not.toContain(token);
  });
});
