import { makePng } from '../../lib/sandbox/media/png.ts';
import {
  type FakeImageProvider,
  type FakeImageProviderOptions,
  type JsonBody,
  type Reply,
  startImageServer,
} from './image-server.ts';
import { sizeOfRatio } from './ratio-size.ts';

/** A strict xAI Images API on this machine: Grok Imagine models. */
export const startFakeXai = (options: FakeImageProviderOptions = {}): Promise<FakeImageProvider> => {
  const { apiKey = 'fake-key' } = options;
  return startImageServer(
    {
      basePath: '/v1',
      promptOf: ({ prompt }) => String(prompt ?? ''),
      answer({ path, headers, body }) {
        if (path !== '/v1/images/generations') return refuse(404, '404', 'Not found');
        if (headers.authorization !== `Bearer ${apiKey}`)
          return refuse(
            400,
            invalidArgument,
            'Incorrect API key provided: st***ey. You can obtain an API key from https://console.x.ai.',
          );
        return refusalOf(body) ?? generate(body);
      },
      faults: {
        fail: refuse(500, 'The service is currently unavailable', 'Internal error'),
        busy: refuse(429, 'Some resource has been exhausted', 'Too many requests'),
        // Moderation is silent: the image is not there.
        refused: {
          status: 200,
          body: { data: [{ url: '', b64_json: '', mime_type: 'image/jpeg', respect_moderation: false }] },
        },
      },
    },
    options,
  );
};

const invalidArgument = 'Client specified an invalid argument';
const refuse = (status: number, code: string, error: string) => ({ status, body: { code, error } });

const models = [
  'grok-imagine-image',
  'grok-imagine-image-pro',
  'grok-imagine-image-quality',
  'grok-imagine-image-2.0',
];
const ratios = '1:1 3:4 4:3 9:16 16:9 2:3 3:2 9:19.5 19.5:9 9:20 20:9 1:2 2:1 auto'.split(' ');

const checks: Record<string, (value: unknown) => boolean> = {
  model: (value) => typeof value === 'string',
  prompt: (value) => typeof value === 'string' && value !== '',
  n: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 10,
  response_format: (value) => value === 'url' || value === 'b64_json',
  aspect_ratio: (value) => ratios.includes(String(value)),
  resolution: (value) => value === '1k' || value === '2k',
  quality: (value) => ['low', 'medium', 'high'].includes(String(value)),
  user: (value) => typeof value === 'string',
};

const refusalOf = (body: JsonBody): Reply | undefined => {
  const unknown = Object.keys(body).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) return refuse(400, '400', `Argument not supported: ${unknown}`);
  const { model, prompt } = body;
  if (typeof prompt !== 'string')
    return refuse(422, '422', 'Failed to deserialize the JSON body: missing field `prompt`');
  if (!models.includes(String(model)))
    return refuse(
      404,
      'Some requested entity was not found',
      `The model ${model} does not exist or your team does not have access to it.`,
    );
  const wrong = Object.entries(body).find(([name, value]) => !checks[name]?.(value));
  return wrong && refuse(400, invalidArgument, `Invalid value for ${wrong[0]}: ${wrong[1]}`);
};

const generate = (body: JsonBody): Reply => {
  const {
    prompt,
    n = 1,
    aspect_ratio: ratio = 'auto',
    resolution = '1k',
    response_format: format = 'url',
  } = body;
  const size = sizeOfRatio(ratio === 'auto' ? '1:1' : String(ratio), resolution === '2k' ? 2048 : 1024);
  const png = (text: string) => makePng({ ...size, text });
  const data = Array.from({ length: Number(n) }, (_, index) => ({
    ...(format === 'url'
      ? { url: `https://imgen.x.ai/xai-imgen/fake-${index}.png` }
      : { b64_json: png(`${prompt}${Number(n) > 1 ? ` (${index + 1} of ${n})` : ''}`).toString('base64') }),
    mime_type: 'image/png',
    revised_prompt: `${prompt}, in fine detail`,
  }));
  return { status: 200, body: { data, usage: { cost_in_usd_ticks: 200_000_000 * Number(n) } } };
};
