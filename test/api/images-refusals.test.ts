import { describe, expect, it } from 'vitest';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();
const model = 'openai/gpt-image-2.6-flare';

type ErrorBody = { error: { message: string; code: string; param: string | null } };
const errorOf = async (answer: Response) => ((await answer.json()) as ErrorBody).error;

describe('a request that cannot be served', () => {
  it('is refused with every wrong field at once, and reaches no provider', async () => {
    const before = stack.countProviderCalls();
    const answer = await stack.post({
      model,
      prompt: '  ',
      n: 11,
      size: '1024×1024',
      quality: 'best',
      style: 'cubist',
      response_format: 'file',
      user: 7,
      background: 'blue',
      output_format: 'gif',
      output_compression: 101,
      moderation: 'off',
      stream: true,
    });
    expect(answer.status).toBe(400);
    const { message, code, param } = await errorOf(answer);
    expect({ code, param }).toEqual({ code: 'invalid_request', param: 'prompt' });
    for (const field of [
      'prompt',
      'n',
      'size',
      'quality',
      'style',
      'response_format',
      'user',
      'background',
      'output_format',
      'output_compression',
      'moderation',
      'stream',
    ])
      expect(message).toMatch(new RegExp(`(^|\\. )${field} `));
    expect(stack.countProviderCalls()).toBe(before);
  });

  it.each([
    ['an unknown model', { model: 'openai/gpt-image-9' }, 404, 'model_not_found'],
    ['a video model', { model: 'kling/kling-v3' }, 400, 'api_not_implemented'],
    ['no model', { model: undefined }, 400, 'invalid_request'],
    ['no prompt', { prompt: undefined }, 400, 'invalid_request'],
    ['half an image', { n: 1.5 }, 400, 'invalid_request'],
    ['a size that the model cannot draw', { size: '1000x1000' }, 400, 'invalid_request'],
    ['a size out of all proportion', { size: '3840x640' }, 400, 'invalid_request'],
    [
      'a ratio that Gemini has not',
      { model: 'google/gemini-3-pro-image', size: '3000x1000' },
      400,
      'invalid_request',
    ],
    [
      'a quality that the model has not',
      { model: 'openai/gpt-image-2', quality: 'max' },
      400,
      'invalid_request',
    ],
    ['a transparent JPEG', { background: 'transparent', output_format: 'jpeg' }, 400, 'invalid_request'],
    ['compression of a PNG', { output_compression: 50 }, 400, 'invalid_request'],
  ])('for %s', async (_what, change, status, code) => {
    const before = stack.countProviderCalls();
    const answer = await stack.post({ model, prompt: 'a mill', ...change });
    expect(answer.status).toBe(status);
    expect((await errorOf(answer)).code).toBe(code);
    expect(stack.countProviderCalls()).toBe(before);
  });

  it('may leave fields empty, as SDKs do', async () => {
    const answer = await stack.post({
      model,
      prompt: 'a mill',
      n: null,
      size: null,
      quality: null,
      style: null,
    });
    expect(answer.status).toBe(200);
  });

  it('needs a key', async () => {
    const answer = await stack.post(
      { model, prompt: 'a mill' },
      { authorization: 'Bearer sk-clearmaas-wrong' },
    );
    expect(answer.status).toBe(401);
  });
});

describe('what a model does not have', () => {
  it('is left out, and the answer says so', async () => {
    const answer = await stack.post({
      model: 'grok/grok-imagine-image',
      prompt: 'a mill',
      style: 'vivid',
      size: '1792x1024',
      background: 'transparent',
      output_format: 'webp',
    });
    expect(answer.status).toBe(200);
    const warnings = answer.headers.get('x-clear-warnings');
    expect(warnings).toContain('style');
    expect(warnings).toContain('1792x1024 is drawn in the ratio 16:9');
    expect(warnings).toContain('left out: background, output_format');
    expect(stack.xai.requests.at(-1)?.body).toEqual({
      model: 'grok-imagine-image',
      prompt: 'a mill',
      n: 1,
      response_format: 'b64_json',
      resolution: '1k',
      aspect_ratio: '16:9',
    });
  });

  it('causes no warning where everything is honoured', async () => {
    const answer = await stack.post({ model, prompt: 'a mill', size: '1792x1024', quality: 'hd', user: 'u' });
    expect(answer.headers.get('x-clear-warnings')).toBeNull();
    expect(answer.headers.get('x-clear-resolved-model')).toBeNull();
    expect(stack.openai.requests.at(-1)?.body).toEqual({
      model: 'gpt-image-2.6-flare',
      prompt: 'a mill',
      n: 1,
      size: '1792x1024',
      quality: 'high',
      user: 'u',
    });
  });
});
