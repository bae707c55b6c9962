import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack({ STAND_IN_SECONDS: '0.3', RATE_LIMIT_PER_MINUTE: '600' });

type Answer = {
  data: { url?: string; b64_json?: string }[];
  created: number;
  error: { code: string; message: string };
};
const send = async (body: object, headers: Record<string, string>) => {
  const response = await stack.post(body, headers);
  const answer = (await response.json()) as Answer;
  return {
    status: response.status,
    replayed: response.headers.get('idempotent-replayed'),
    headers: response.headers,
    answer,
  };
};
const bytesAt = async (url = '') => Buffer.from(await (await fetch(url)).arrayBuffer()).toString('base64');
const callsDuring = async (work: () => Promise<unknown>): Promise<number> => {
  const before = stack.countProviderCalls();
  await work();
  return stack.countProviderCalls() - before;
};

const families = ['openai/gpt-image-2.6-flare', 'google/gemini-nano-banana-2.1', 'grok/grok-imagine-image'];

describe.each(families)('the same request for %s', (model) => {
  const key = (name: string) => ({ 'idempotency-key': `${name} of ${model}` });

  it.each(['url', 'b64_json'])('is made once with one Idempotency-Key: %s', async (response_format) => {
    const body = { model, prompt: `a mill, ${response_format}`, response_format };
    const calls = await callsDuring(async () => {
      const first = await send(body, key(response_format));
      const { prompt } = body;
      const again = await send({ response_format, prompt, model }, key(response_format));
      expect(first).toMatchObject({ status: 200, replayed: null });
      expect(again).toMatchObject({ status: 200, replayed: 'true' });
      const [one, other] = [first.answer.data[0], again.answer.data[0]];
      expect(again.answer.created).toBe(first.answer.created);
      if (response_format === 'b64_json') expect(other).toEqual(one);
      else expect(await bytesAt(other?.url)).toBe(await bytesAt(one?.url));
    });
    expect(calls).toBe(1);
  });

  it('is made once of twelve at the same time, and all get the image', async () => {
    const body = { model, prompt: '[slow] a mill', response_format: 'b64_json' };
    const calls = await callsDuring(async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => send(body, key('twelve'))));
      expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
      expect(new Set(answers.map(({ answer }) => answer.data[0]?.b64_json)).size).toBe(1);
      expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    });
    expect(calls).toBe(1);
  });
});

const model = 'openai/gpt-image-2';

describe('an Idempotency-Key of images', () => {
  const key = (name: string) => ({ 'idempotency-key': name });

  it('is answered 409 with another body', async () => {
    await send({ model, prompt: 'one' }, key('other body'));
    const { status, answer, headers } = await send({ model, prompt: 'two' }, key('other body'));
    expect(status).toBe(409);
    expect(answer.error.code).toBe('idempotency_key_reused');
    expect(headers.get('x-should-retry')).toBe('false');
  });

  it('can be used again where nothing was made or charged', async () => {
    stack.openai.behave({ replies: [{ status: 429, body: { error: { message: 'slow down' } } }] });
    const calls = await callsDuring(async () => {
      expect((await send({ model, prompt: 'busy' }, key('busy'))).status).toBe(429);
      expect((await send({ model, prompt: 'busy' }, key('busy'))).status).toBe(200);
    });
    expect(calls).toBe(2);
  });

  it('orders nothing twice where the answer was lost', async () => {
    stack.openai.behave({ replies: ['reset'] });
    const calls = await callsDuring(async () => {
      const first = await send({ model, prompt: 'lost' }, key('lost'));
      expect(first.status).toBe(502);
      const again = await send({ model, prompt: 'lost' }, key('lost'));
      expect(again).toMatchObject({ status: 502, replayed: 'true', answer: first.answer });
      expect(again.headers.get('x-should-retry')).toBe('false');
    });
    expect(calls).toBe(1);
  });

  it('means the same images whether they are waited for or a task', async () => {
    const body = { model, prompt: 'both ways' };
    const calls = await callsDuring(async () => {
      const waited = await send(body, key('both ways'));
      const asTask = await send(body, { ...key('both ways'), prefer: 'respond-async' });
      expect(asTask).toMatchObject({
        status: 200,
        replayed: 'true',
        answer: { created: waited.answer.created },
      });
    });
    expect(calls).toBe(1);
    const task = await send(body, { ...key('task first'), prefer: 'respond-async' });
    expect(task.status).toBe(202);
    expect(await send(body, key('task first'))).toMatchObject({
      status: 202,
      replayed: 'true',
      answer: task.answer,
    });
  });
});

describe('the openai package', () => {
  it('gets the first images although it gave up on several answers', async () => {
    const prompt = 'a heron';
    const hasGivenUp = Promise.withResolvers<void>();
    stack.openai.behave({ replies: [], until: hasGivenUp.promise });
    const calls = () => stack.openai.requests.filter(({ body }) => body['prompt'] === prompt);
    let givenUp = 0;
    /** Gives up on three answers, each once the provider is at work. */
    const impatient: typeof fetch = async (url, init) => {
      if (givenUp === 3) {
        hasGivenUp.resolve();
        return fetch(url, init);
      }
      givenUp += 1;
      const patience = new AbortController();
      const answer = fetch(url, { ...init, signal: patience.signal });
      answer.catch(() => {});
      await expect.poll(calls).toHaveLength(1);
      patience.abort();
      return answer;
    };
    const client = new OpenAI({
      apiKey: stack.apiKey,
      baseURL: `${stack.url}/v1`,
      maxRetries: 5,
      fetch: impatient,
    });
    const { data = [] } = await client.images.generate({ model, prompt, response_format: 'b64_json' });
    expect(data[0]?.b64_json).toBeTruthy();
    expect(givenUp).toBe(3);
    expect(calls()).toHaveLength(1);
  });

  it('makes two images of two calls', async () => {
    const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });
    await Promise.all([1, 2].map(() => client.images.generate({ model, prompt: 'two calls' })));
    expect(stack.openai.requests.filter(({ body }) => body['prompt'] === 'two calls')).toHaveLength(2);
  });
});
