import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { makePng } from '../../lib/sandbox/media/png.ts';
import { useImageStack } from '../support/images.ts';
import { startReceiver } from '../support/receiver.ts';

const stack = useImageStack({ RATE_LIMIT_PER_MINUTE: '600' });
const model = 'openai/gpt-image-2.6-flare';
const later = { prefer: 'respond-async' };

const accepted = z.object({ id: z.string(), task_id: z.string(), object: z.string(), status: z.string() });
const polled = z.object({
  data: z.object({
    status: z.string(),
    progress: z.string(),
    images: z.optional(z.array(z.object({ url: z.string() }))),
    result_url: z.optional(z.string()),
    fail_reason: z.optional(z.string()),
    warnings: z.optional(z.array(z.string())),
    usage: z.optional(z.object({ cost_usd: z.nullable(z.string()) })),
  }),
});

const submit = async (body: object, headers: Record<string, string> = later): Promise<string> => {
  const answer = await stack.post({ model, ...body }, headers);
  expect(answer.status).toBe(202);
  return accepted.parse(await answer.json()).task_id;
};

const get = (taskId: string) =>
  fetch(`${stack.url}/v1/images/generations/${taskId}`, {
    headers: { authorization: `Bearer ${stack.apiKey}` },
  });

const endOf = async (taskId: string) => {
  for (;;) {
    const { data } = polled.parse(await (await get(taskId)).json());
    if (data.status === 'SUCCESS' || data.status === 'FAILURE') return data;
    await pause(50);
  }
};

describe('images that are made as a task', () => {
  it('are accepted at once, made, and kept behind a link', async () => {
    const answer = await stack.post({ model, prompt: 'a slow mill' }, later);
    const { task_id: taskId, ...rest } = accepted.parse(await answer.json());
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    expect(answer.headers.get('location')).toBe(`/v1/images/generations/${taskId}`);
    expect(rest).toEqual({ id: taskId, object: 'image', status: 'queued' });

    const { status, progress, images = [], result_url: resultUrl } = await endOf(taskId);
    expect({ status, progress }).toEqual({ status: 'SUCCESS', progress: '100%' });
    expect(resultUrl).toBe(images[0]?.url);
    const bytes = Buffer.from(await (await fetch(resultUrl ?? '')).arrayBuffer());
    expect(bytes.equals(makePng({ width: 1024, height: 1024, text: 'a slow mill' }))).toBe(true);
  });

  it('are all there when several were asked for', async () => {
    const { images = [] } = await endOf(
      await submit({ prompt: 'mills', n: 3, model: 'grok/grok-imagine-image' }),
    );
    expect(images).toHaveLength(3);
  });

  it('are announced by a signed callback', async () => {
    const receiver = await startReceiver();
    onTestFinished(receiver.stop);
    const taskId = await submit({ prompt: 'a mill', callback_url: receiver.url }, {});
    const [received] = await receiver.waitFor(1);
    const event = new Webhook(stack.callbackSecret).verify(
      received?.body ?? '',
      received?.headers as Record<string, string>,
    );
    expect(event).toMatchObject({
      type: 'image.completed',
      data: { id: taskId, status: 'SUCCESS', images: [{ url: expect.stringContaining('/files/result_') }] },
    });
  });

  it('end with words when the content is refused', async () => {
    const { status, fail_reason: reason, usage } = await endOf(await submit({ prompt: '[refused]' }));
    expect(status).toBe('FAILURE');
    expect(usage).toEqual({ cost_usd: '0' });
    expect(reason).toContain('Change the prompt');
  });

  it('are asked for once more when the provider was busy', async () => {
    stack.openai.behave({ replies: [{ status: 429, body: {}, headers: { 'retry-after': '1' } }] });
    expect((await endOf(await submit({ prompt: 'a mill' }))).status).toBe('SUCCESS');
  });

  it('are not asked for again when the answer was lost', async () => {
    const before = stack.openai.requests.length;
    const { status, fail_reason: reason, usage } = await endOf(await submit({ prompt: '[lost]' }));
    expect(status).toBe('FAILURE');
    expect(usage).toEqual({ cost_usd: null });
    expect(reason).toContain('may have been made and charged');
    expect(stack.openai.requests.length - before).toBe(1);
  });

  it('tell which model of a chain gave no clear answer, and what the one that served does not do', async () => {
    stack.openai.behave({ replies: ['reset'] });
    const grok = 'grok/grok-imagine-image';
    const chain = { models: [model, grok], route: 'fallback' };
    const { status, warnings } = await endOf(
      await submit({ prompt: 'a mill', background: 'opaque', ...chain }),
    );
    expect(status).toBe('SUCCESS');
    expect(warnings).toEqual([
      expect.stringContaining('background'),
      expect.stringMatching(`^${model} .* may have made and charged images too`),
    ]);
  });

  it('tell of nothing where all is as asked', async () => {
    expect((await endOf(await submit({ prompt: 'a mill' }))).warnings).toBeUndefined();
  });

  it('are made once for one Idempotency-Key', async () => {
    const headers = { ...later, 'idempotency-key': 'the same mill' };
    const ids = await Promise.all(Array.from({ length: 8 }, () => submit({ prompt: 'one mill' }, headers)));
    expect(new Set(ids).size).toBe(1);
    const other = await stack.post({ model, prompt: 'another mill' }, headers);
    expect(other.status).toBe(409);
    await endOf(String(ids[0]));
    const made = stack.openai.requests.filter(({ body }) => body['prompt'] === 'one mill');
    expect(made).toHaveLength(1);
  });

  it.each([0, 1])('are one set where half of ten at once wait for them: %i', async (odd) => {
    const prompt = `ten mills, ${odd}`;
    const send = async (_: unknown, index: number) => {
      const mode = index % 2 === odd ? later : {};
      const answer = await stack.post({ model, prompt }, { ...mode, 'idempotency-key': prompt });
      const { id } = (await answer.json()) as { id?: string };
      return { status: answer.status, replayed: answer.headers.get('idempotent-replayed'), id };
    };
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    const { status, id } = answers[0] ?? {};
    expect(answers.map((answer) => [answer.status, answer.id])).toEqual(Array(10).fill([status, id]));
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    if (id !== undefined) await endOf(id);
    expect(stack.openai.requests.filter(({ body }) => body['prompt'] === prompt)).toHaveLength(1);
  });
});

it.each([
  ['bytes', { response_format: 'b64_json' }, 'response_format'],
  ['events without an address', { callback_events: ['image.failed'] }, 'callback_events'],
  [
    'events of videos',
    { callback_url: 'https://client.test/', callback_events: ['video.failed'] },
    'callback_events',
  ],
  ['an address that is none', { callback_url: 'client.test' }, 'callback_url'],
])('a task is refused with %s', async (_what, change, param) => {
  const answer = await stack.post({ model, prompt: 'a mill', ...change }, later);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { param: expect.stringContaining(param) } });
});

it('does not know the tasks of others, nor those that make videos', async () => {
  expect((await get('task_0123456789ABCDEFGHIJKLMNOPQRSTUV')).status).toBe(404);
  const video = await fetch(`${stack.url}/v1/video/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'kling/kling-v2-6', prompt: 'a mill turns' }),
  });
  const { id } = accepted.parse(await video.json());
  expect((await get(id)).status).toBe(404);
});
