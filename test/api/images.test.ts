import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { makePng } from '../../lib/sandbox/media/png.ts';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();
const clientWith = (maxRetries: number) =>
  new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries });

const bytesAt = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

const families = [
  { family: 'GPT Image', model: 'openai/gpt-image-2.6-flare', provider: 'openai' },
  { family: 'Gemini image', model: 'google/gemini-nano-banana-2.1', provider: 'google' },
  { family: 'Grok Imagine', model: 'grok/grok-imagine-image', provider: 'xai' },
] as const;

describe.each(families)('the openai package with $family', ({ model, provider }) => {
  const drawing = (text: string) => makePng({ width: 1024, height: 1024, text });

  it('gets a link to the very image that the provider made', async () => {
    const { data = [], created } = await clientWith(0).images.generate({ model, prompt: 'a red kite' });
    expect(data).toHaveLength(1);
    expect(created).toBeGreaterThan(1_700_000_000);
    const answer = await fetch(data[0]?.url ?? '');
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer()).equals(drawing('a red kite'))).toBe(true);
    expect(data[0]?.b64_json).toBeUndefined();
  });

  it('is told what its image cost, in the body and in a header', async () => {
    const answer = await stack.post({ model, prompt: 'a green kite' });
    const { usage } = (await answer.json()) as { usage: { cost_usd: string } };
    expect(usage.cost_usd).toMatch(/^0\.\d{1,6}$/);
    expect(answer.headers.get('x-clear-cost-usd')).toBe(usage.cost_usd);
  });

  it('gets the bytes themselves when it asks for them', async () => {
    const { data = [] } = await clientWith(0).images.generate({
      model,
      prompt: 'a blue kite',
      response_format: 'b64_json',
    });
    expect(Buffer.from(data[0]?.b64_json ?? '', 'base64').equals(drawing('a blue kite'))).toBe(true);
    expect(data[0]?.url).toBeUndefined();
  });

  it.each(['url', 'b64_json'] as const)('gets as many images as it asks for, as %s', async (format) => {
    const { data = [] } = await clientWith(0).images.generate({
      model,
      prompt: 'three kites',
      n: 3,
      response_format: format,
    });
    expect(data).toHaveLength(3);
    for (const { url, b64_json } of data) {
      const bytes = url === undefined ? Buffer.from(b64_json ?? '', 'base64') : await bytesAt(url);
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    }
  });

  const failureOf = async (prompt: string, maxRetries = 0): Promise<APIError> => {
    const error: unknown = await clientWith(maxRetries)
      .images.generate({ model, prompt })
      .catch((thrown: unknown) => thrown);
    if (error instanceof APIError) return error;
    throw new Error('the request did not fail');
  };

  it('is told that the content was refused, and to change it', async () => {
    expect(await failureOf('[refused] something')).toMatchObject({
      status: 400,
      code: 'content_policy_violation',
      type: 'upstream_error',
      param: 'prompt',
      message: expect.stringContaining('Change the prompt'),
    });
  });

  it('is told when to come back while the provider is busy', async () => {
    const error = await failureOf('[busy]');
    expect(error).toMatchObject({ status: 429, code: 'upstream_rate_limited' });
    const seconds = Number(error.headers?.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  it("is told of the provider's own failure", async () => {
    expect(await failureOf('[fail]')).toMatchObject({ status: 502, code: 'upstream_error' });
  });

  it('does not order again what may have been paid for already', async () => {
    const before = stack[provider].requests.length;
    expect(await failureOf('[lost]', 2)).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(stack[provider].requests.length - before).toBe(1);
  });

  it("is not blamed for the gateway's own key", async () => {
    const before = stack[provider].requests.length;
    stack[provider].behave({ replies: [{ status: 401, body: { error: { message: 'bad key sk-secret' } } }] });
    const error = await failureOf('a kite', 2);
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(error.message).not.toContain('sk-secret');
    expect(stack[provider].requests.length - before).toBe(1);
  });

  it.each(['url', 'b64_json'] as const)(
    'does not get half an image for a whole one, as %s',
    async (format) => {
      const prompt = 'a kite';
      const whole = { data: [{ b64_json: drawing(prompt).toString('base64') }] };
      const gemini = {
        candidates: [{ content: { parts: [{ inlineData: { data: whole.data[0]?.b64_json } }] } }],
      };
      stack[provider].behave({
        replies: [{ status: 200, body: provider === 'google' ? gemini : whole, cut: true }],
      });
      const attempt = clientWith(0).images.generate({ model, prompt, response_format: format });
      await expect(attempt).rejects.toThrow();
    },
  );
});

it("serves every model of ClearMaas's list, or its successor", async () => {
  const ids = [
    'openai/gpt-image-1',
    'openai/gpt-image-1-mini',
    'openai/gpt-image-1.5',
    'google/imagen-4.0-fast-generate-001',
    'google/imagen-4.0-generate-001',
    'google/imagen-4.0-ultra-generate-001',
    'grok/grok-imagine-image',
    'grok/grok-imagine-image-pro',
  ];
  const answers = await Promise.all(ids.map((model) => stack.post({ model, prompt: 'a list' })));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
});

it('names the successor that serves a retired model', async () => {
  const answer = await stack.post({ model: 'google/imagen-4.0-ultra-generate-001', prompt: 'a successor' });
  expect(answer.headers.get('x-clear-resolved-model')).toBe('google/gemini-3-pro-image');
  expect(answer.headers.get('x-clear-warnings')).toContain('is retired');
});

it('turns to the successor when the provider has retired a model before the day', async () => {
  stack.xai.behave({
    replies: [
      {
        status: 404,
        body: {
          code: 'Some requested entity was not found',
          error: 'The model grok-imagine-image-pro does not exist.',
        },
      },
    ],
  });
  const answer = await stack.post({ model: 'grok/grok-imagine-image-pro', prompt: 'gone early' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-clear-resolved-model')).toBe('grok/grok-imagine-image-quality');
});

const withheld = {
  status: 200,
  body: { candidates: [{ content: { role: 'model' }, finishReason: 'IMAGE_SAFETY' }] },
} as const;

it('gives what was made when the provider withholds a part', async () => {
  for (const response_format of ['url', 'b64_json']) {
    stack.google.behave({ replies: [withheld] });
    const answer = await stack.post({
      model: 'google/gemini-nano-banana-2.1',
      prompt: 'three',
      n: 3,
      response_format,
    });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(2);
    expect(answer.headers.get('x-clear-warnings')).toContain('1 of 3 images are missing');
  }
});

describe('of several images that a provider makes one by one', () => {
  const send = (headers: Record<string, string> = {}) =>
    stack.post({ model: 'google/gemini-nano-banana-2.1', prompt: 'two', n: 2 }, headers);

  it('one whose answer is lost is named: it may have been charged beside the others', async () => {
    stack.google.behave({ replies: ['reset'] });
    const answer = await send();
    const { warnings } = (await answer.json()) as { warnings: string[] };
    expect(warnings).toContainEqual(expect.stringContaining('may have made and charged images too'));
  });

  it('one whose answer is lost is told of where the other is refused, and not asked for again', async () => {
    stack.google.behave({ replies: ['reset', withheld] });
    const key = { 'idempotency-key': 'lost and refused' };
    const answer = await send(key);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(
      'may have been made and charged',
    );
    expect((await send(key)).headers.get('idempotent-replayed')).toBe('true');
  });
});

it('passes on what a provider made of the prompt, and what it counted', async () => {
  const grok = await stack.post({ model: 'grok/grok-imagine-image', prompt: 'a barn' });
  expect(await grok.json()).toMatchObject({ data: [{ revised_prompt: 'a barn, in fine detail' }] });
  const bytes = await stack.post({
    model: 'grok/grok-imagine-image',
    prompt: 'a barn',
    response_format: 'b64_json',
  });
  expect(await bytes.json()).toMatchObject({ data: [{ revised_prompt: 'a barn, in fine detail' }] });
  const gpt = await stack.post({ model: 'openai/gpt-image-2', prompt: 'a barn' });
  expect(await gpt.json()).toMatchObject({
    usage: { total_tokens: 1_058, input_tokens_details: { image_tokens: 0 } },
  });
});
