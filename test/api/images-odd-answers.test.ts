import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { useImageStack } from '../support/images.ts';
import { aPng } from '../support/pictures.ts';

const stack = useImageStack();
const picture = aPng();
const model = 'openai/gpt-image-2';

let server: Server;
let links: string;
beforeAll(async () => {
  server = createServer((request, response) =>
    request.url === '/a.png' ? response.end(picture) : response.writeHead(404).end('gone'),
  );
  links = `http://${loopback}:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => stopListening(server));

type Answer = {
  data: { url?: string; b64_json?: string }[];
  error: { message: string; code: string; type: string };
  size?: string;
  usage?: object;
};
const askedFor = async (body: object, answer: object) => {
  stack.openai.behave({ replies: [{ status: 200, body: answer }] });
  const response = await stack.post({ model, prompt: 'a mill', ...body });
  return { response, answer: (await response.json()) as Answer };
};

describe('an upstream that answers links', () => {
  it.each(['url', 'b64_json'] as const)('has its images handed on as %s', async (response_format) => {
    const { answer } = await askedFor({ response_format }, { data: [{ url: `${links}/a.png` }] });
    const [image] = answer.data;
    const bytes =
      image?.url === undefined
        ? Buffer.from(image?.b64_json ?? '', 'base64')
        : Buffer.from(await (await fetch(image.url)).arrayBuffer());
    expect(bytes.equals(picture)).toBe(true);
    expect(image?.url ?? '').not.toContain(links);
  });

  it.each(['file:///etc/passwd', 'https://169.254.169.254/latest/meta-data', '/gone.png'])(
    'is not believed when it names %s',
    async (link) => {
      const url = link.startsWith('/') ? links + link : link;
      const { response, answer } = await askedFor({}, { data: [{ url }] });
      expect(response.status).toBe(502);
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(answer.error.code).toBe('upstream_error');
      expect(answer.error.message).not.toContain(link);
    },
  );
});

describe('an answer that is none', () => {
  it.each([
    ['an error with HTTP 200', { error: { message: 'no channel', type: 'new_api_error' } }, null],
    ['no image', { created: 1 }, 'false'],
    ['something else altogether', { ok: true }, 'false'],
    ['what is no image', { data: [{ b64_json: Buffer.from('<html>').toString('base64') }] }, 'false'],
  ])('is the provider’s fault: %s', async (_what, body, shouldRetry) => {
    const { response, answer } = await askedFor({}, body);
    expect(response.status).toBe(502);
    expect(response.headers.get('x-should-retry')).toBe(shouldRetry);
    expect(answer.error).toMatchObject({ code: 'upstream_error', type: 'upstream_error' });
    expect(answer.error.message).not.toMatch(/prompt/);
  });
});

it('what the provider says of the drawing and counted reaches the caller', async () => {
  const said = { size: '1024x1024', quality: 'low', background: 'opaque', output_format: 'png' };
  const usage = {
    input_tokens: 12,
    input_tokens_details: { text_tokens: 12, image_tokens: 0 },
    output_tokens: 30,
    total_tokens: 42,
  };
  for (const response_format of ['url', 'b64_json']) {
    const data = [{ b64_json: picture.toString('base64') }];
    const { answer } = await askedFor({ response_format }, { created: 1, data, ...said, usage });
    expect(answer).toMatchObject({ ...said, usage });
  }
});

it('images cost their list price where the provider does not count the tokens of each', async () => {
  const parts = [{ inlineData: { mimeType: 'image/png', data: picture.toString('base64') } }];
  const counted = {
    promptTokenCount: 7,
    totalTokenCount: 1_127,
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1_120 }],
  };
  const reply = (usageMetadata?: object) => ({
    status: 200,
    body: { candidates: [{ content: { parts }, finishReason: 'STOP' }], usageMetadata },
  });
  stack.google.behave({ replies: [reply(counted), reply()] });
  const response = await stack.post({ model: 'google/gemini-3-pro-image', prompt: 'a mill', n: 2 });
  expect(response.headers.get('x-clear-cost-usd')).toBe('0.2688');
  expect(await response.json()).toMatchObject({ usage: { cost_usd: '0.2688' } });
});

it.each([-30, 1e300, 1.5])('images do not cost what no provider can mean: %s', async (ticks) => {
  const data = [{ b64_json: picture.toString('base64') }];
  stack.xai.behave({ replies: [{ status: 200, body: { data, usage: { cost_in_usd_ticks: ticks } } }] });
  const response = await stack.post({ model: 'grok/grok-imagine-image', prompt: 'a mill' });
  expect(response.headers.get('x-clear-cost-usd')).toBe('0.02');
});

it('tokens of which there are fewer than none are not believed', async () => {
  const data = [{ b64_json: picture.toString('base64') }];
  const usage = { input_tokens: 12, output_tokens: -3_000, total_tokens: 42 };
  const { answer } = await askedFor({}, { data, usage });
  expect(answer.usage).toMatchObject({ input_tokens: 12, output_tokens: 30, total_tokens: 42 });
});
