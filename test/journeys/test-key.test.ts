import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTestKey } from '../support/test-key.ts';

const videos = '/v1/video/generations';
const model = 'kling/kling-v2-6';

type Data = {
  id: string;
  status: string;
  livemode: boolean;
  result_url?: string;
  fail_reason?: string;
  callback: { state: string; attempts: number };
};

let stack: TestStack;
let key: string;
let secret: string;
beforeAll(async () => {
  stack = await startTestStack();
  ({ key, callback_secret: secret } = await makeTestKey(stack.cloud));
});
afterAll(() => stack.stop());

const request = (path: string, method = 'GET', body?: object): Promise<Response> =>
  fetch(stack.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

const call = async <Answer>(path: string, body?: object): Promise<Answer> => {
  const response = await request(path, body === undefined ? 'GET' : 'POST', body);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Answer;
};

const submit = async (prompt: string, changes: object = {}): Promise<string> =>
  (await call<{ id: string }>(videos, { model, prompt, ...changes })).id;

const until = (id: string, isReached: (data: Data) => boolean): Promise<Data> =>
  vi.waitFor(async () => {
    const { data } = await call<{ data: Data }>(`${videos}/${id}`);
    expect(data).toSatisfy(isReached);
    return data;
  }, patience);
const isEnded = ({ status }: Data) => status === 'SUCCESS' || status === 'FAILURE';

const receive = async (cleanUp: (stop: () => Promise<void>) => void): Promise<Receiver> => {
  const receiver = await startReceiver();
  cleanUp(receiver.stop);
  return receiver;
};

describe('with a test key', () => {
  it.concurrent('a video comes back as a signed event, and no provider was asked', async ({
    onTestFinished,
  }) => {
    const receiver = await receive(onTestFinished);
    const id = await submit('a boat [1s]', {
      callback_url: receiver.url,
      metadata: { duration: 10, aspect_ratio: '9:16', mode: 'pro' },
    });
    const { body, headers } = await receiver.next();
    const event = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(event).toMatchObject({ type: 'video.completed', data: { id, livemode: false } });
    const asked = stack.kling.requests.filter(({ body }) => body.includes(id));
    expect(asked).toEqual([]);

    const { result_url: link = '' } = await until(id, isEnded);
    const video = await fetch(link);
    expect(video.headers.get('content-type')).toBe('video/mp4');
    const bytes = Buffer.from(await video.arrayBuffer());
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    const part = await fetch(link, { headers: { range: 'bytes=4-7' } });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
  });

  it.concurrent('prompts choose how it ends', async () => {
    const [failed, refused, lost, busy] = await Promise.all(
      ['[fail] [1s]', '[refused]', '[lost] [1s]', '[busy] [1s]'].map((prompt) => submit(prompt)),
    );
    expect(await until(failed as string, isEnded)).toMatchObject({
      status: 'FAILURE',
      livemode: false,
      fail_reason: expect.stringContaining('[fail]'),
    });
    expect(await until(refused as string, isEnded)).toMatchObject({
      status: 'FAILURE',
      fail_reason: expect.stringContaining('content check'),
    });
    expect(await until(lost as string, isEnded)).toMatchObject({ status: 'SUCCESS' });
    expect(await until(busy as string, isEnded)).toMatchObject({ status: 'SUCCESS' });
  });

  it.concurrent('[fast-retries] makes all eleven attempts within seconds', async ({ onTestFinished }) => {
    const receiver = await receive(onTestFinished);
    receiver.answer(...Array.from({ length: 11 }, () => ({ status: 503, headers: { 'retry-after': '60' } })));
    const id = await submit('a boat [1s] [fast-retries]', { callback_url: receiver.url });
    const { callback } = await vi.waitFor(async () => {
      const { data } = await call<{ data: Data }>(`${videos}/${id}`);
      expect(data.callback.state).toBe('failed');
      return data;
    }, patience);
    expect([callback.attempts, receiver.calls.length]).toEqual([11, 11]);
  });

  it.concurrent('its tasks are followed, told again and deleted as any other', async ({ onTestFinished }) => {
    const receiver = await receive(onTestFinished);
    const id = await submit('a boat [1s]', { callback_url: receiver.url });
    const other = await submit('a ship [1s]');
    const first = await receiver.next();
    const { result_url: link = '' } = await until(id, ({ callback }) => callback.state === 'delivered');
    expect((await call<{ data: object[] }>(`${videos}/${id}/deliveries`)).data).toHaveLength(1);
    expect((await request(`${videos}/${id}/deliveries`, 'POST', {})).status).toBe(202);
    expect((await receiver.next()).headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect((await request(`${videos}/${id}/cancel`, 'POST', {})).status).toBe(409);

    const { result_url: otherLink = '' } = await until(other, isEnded);
    expect((await request(`/v1/videos/${id}`, 'DELETE')).status).toBe(200);
    expect((await request(`${videos}/${id}`)).status).toBe(404);
    const head = await fetch(otherLink, { method: 'HEAD' });
    const whole = await fetch(`${otherLink}&redirect=false`);
    const length = head.headers.get('content-length');
    expect([head.status, length]).toEqual([200, String((await whole.arrayBuffer()).byteLength)]);
    const beyond = await fetch(`${link}&redirect=false`, { headers: { range: 'bytes=99999999-' } });
    expect(beyond.status).toBe(416);
  });

  it.concurrent('one that waits for a free slot can be cancelled', async () => {
    const id = await submit('a boat [busy]');
    // While it is just being asked for, it cannot.
    const cancel = async () => expect((await request(`${videos}/${id}/cancel`, 'POST', {})).status).toBe(200);
    await vi.waitFor(cancel, patience);
    expect(await until(id, isEnded)).toMatchObject({
      status: 'FAILURE',
      livemode: false,
      fail_reason: 'Cancelled by the caller.',
    });
  });

  it.concurrent('it waits for no slot of a provider, and takes none', async () => {
    stack.kling.behave({ slots: 0 });
    const live = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model, prompt: 'a boat' });
    const answer = await fetch(stack.url + videos, { method: 'POST', headers: live, body });
    const { id: liveId } = (await answer.json()) as { id: string };
    const asked = () => expect(stack.kling.tally(liveId).asked).toBeGreaterThan(0);
    await vi.waitFor(asked, patience);
    const ids = await Promise.all(['a ship [1s]', 'a ferry [1s]'].map((prompt) => submit(prompt)));
    for (const id of ids) expect(await until(id, isEnded)).toMatchObject({ status: 'SUCCESS' });
    const waiting = await fetch(`${stack.url}${videos}/${liveId}`, { headers: live });
    expect(await waiting.json()).toMatchObject({ data: { status: 'NOT_START', livemode: true } });
  });

  it.concurrent('an image shows the prompt, and a link to it works', async () => {
    const request = { model: 'openai/gpt-image-2', prompt: 'a kite', size: '1536x1024' };
    const { data } = await call<{ data: { url: string }[] }>('/v1/images/generations', request);
    const image = Buffer.from(await (await fetch(data[0]?.url ?? '')).arrayBuffer());
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([1536, 1024]);
  });
});
