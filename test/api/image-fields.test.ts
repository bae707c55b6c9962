import { describe, expect, it } from 'vitest';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();

const google = { model: 'google/gemini-nano-banana-2.1', prompt: 'a mill' };
const xai = { model: 'grok/grok-imagine-image', prompt: 'a mill' };
const openai = { model: 'openai/gpt-image-2', prompt: 'a mill' };

type Answer = {
  warnings: string[];
  data: { url?: string; b64_json?: string }[];
  error: { message: string; param: string };
};
const post = async (body: object, headers?: Record<string, string>) => {
  const response = await stack.post(body, headers);
  const answer = (await response.json()) as Answer;
  return { ...answer, status: response.status, headers: response.headers };
};

describe('a picture to begin with', () => {
  it.each(['image', 'images', 'mask', 'image_url', 'input_reference'])(
    'is refused in %s, and nobody pays for another picture',
    async (name) => {
      const before = stack.countProviderCalls();
      const { status, error } = await post({ ...openai, [name]: ['https://a.example.com/a.png'] });
      expect({ status, param: error.param }).toEqual({ status: 400, param: name });
      expect(error.message).toContain('/v1/images/edits');
      expect(stack.countProviderCalls()).toBe(before);
    },
  );

  it('may be left empty', async () => {
    expect((await post({ ...openai, image: '', images: [], mask: null })).status).toBe(200);
  });
});

it('a prompt that nobody can see is refused, and nobody pays for a picture', async () => {
  const before = stack.countProviderCalls();
  const { status, error } = await post({ ...openai, prompt: '\u200b \u0000\ufeff' });
  expect({ status, param: error.param }).toEqual({ status: 400, param: 'prompt' });
  expect(stack.countProviderCalls()).toBe(before);
});

describe('aspect_ratio and resolution', () => {
  it('reach the providers that have them', async () => {
    expect((await post({ ...google, aspect_ratio: '16:9', resolution: '2K' })).warnings).toEqual([]);
    expect(stack.google.requests.at(-1)?.body).toMatchObject({
      generationConfig: { imageConfig: { aspectRatio: '16:9', imageSize: '2K' } },
    });
    expect((await post({ ...xai, aspect_ratio: '16:9', resolution: '2k' })).warnings).toEqual([]);
    expect(stack.xai.requests.at(-1)?.body).toMatchObject({ aspect_ratio: '16:9', resolution: '2k' });
  });

  it('are named where the provider has none', async () => {
    const { headers, warnings } = await post({ ...openai, aspect_ratio: '16:9' });
    expect(warnings).toEqual(['not supported by this model and left out: aspect_ratio']);
    expect(headers.get('x-clear-warnings')).toBe(warnings.join('; '));
  });

  it('are refused for what the model cannot draw', async () => {
    expect((await post({ ...xai, resolution: '4k' })).error).toMatchObject({ param: 'resolution' });
    expect((await post({ ...google, aspect_ratio: '7:5' })).error).toMatchObject({ param: 'aspect_ratio' });
    expect((await post({ ...google, aspect_ratio: 'wide' })).error.message).toContain('WIDTH:HEIGHT');
  });
});

describe('what is not done as asked', () => {
  it.each(['url', 'b64_json'])('is said in the answer with %s', async (response_format) => {
    const { headers, warnings } = await post({
      ...google,
      size: '256x256',
      seed: 7,
      qualty: 'low',
      response_format,
    });
    expect(headers.get('x-clear-ignored-fields')).toBe('seed, qualty');
    expect(warnings).toEqual([
      'seed is not known here and was ignored.',
      'qualty is not known here and was ignored. Did you mean quality?',
      'size 256x256 is drawn larger, at some 1024 pixels',
    ]);
  });

  it.each(['init_image', 'reference_image'])('is refused where it is a picture: %s', async (name) => {
    expect((await post({ ...google, [name]: 'https://pictures.example.com/a.png' })).error).toMatchObject({
      param: name,
      message: expect.stringContaining('image edits'),
    });
  });

  it('is said when a task is accepted', async () => {
    const { warnings, status } = await post({ ...google, seed: 7 }, { prefer: 'respond-async' });
    expect(status).toBe(202);
    expect(warnings).toEqual(['seed is not known here and was ignored.']);
  });

  it.each<Record<string, string>>([{}, { prefer: 'respond-async' }])(
    'is said whatever the name that was ignored is written in: %j',
    async (headers) => {
      const answer = await post({ ...google, 日本: 1, 'a\nb': 1 }, headers);
      expect(answer.status).toBe('prefer' in headers ? 202 : 200);
      expect(answer.headers.get('x-clear-warnings')).toBe(
        '?? is not known here and was ignored.; "aU+000Ab" is not known here and was ignored.',
      );
      expect(answer.warnings[0]).toContain('日本');
    },
  );

  it('is nothing for a plain request', async () => {
    expect((await post(openai)).warnings).toEqual([]);
  });
});

describe('a GPT image model without its namespace', () => {
  it('answers bytes, as OpenAI does', async () => {
    const { data } = await post({ ...openai, model: 'gpt-image-2' });
    expect(data[0]?.b64_json).toBeTruthy();
  });

  it('answers a link where that was asked for', async () => {
    const { data } = await post({ ...openai, model: 'gpt-image-2', response_format: 'url' });
    expect(data[0]?.url).toContain('/files/');
  });

  it('can be made as a task', async () => {
    expect((await post({ ...openai, model: 'gpt-image-2' }, { prefer: 'respond-async' })).status).toBe(202);
  });
});
