import { makePng } from '../../lib/sandbox/media/png.ts';
import {
  type FakeImageProvider,
  type FakeImageProviderOptions,
  type JsonBody,
  type Reply,
  startImageServer,
} from './image-server.ts';

const path = '/v1/images/generations';

/** A strict OpenAI Images API on this machine: GPT Image models as documented in November 2026. */
export const startFakeOpenAi = (options: FakeImageProviderOptions = {}): Promise<FakeImageProvider> => {
  const { apiKey = 'fake-key', now = Date.now } = options;
  return startImageServer(
    {
      basePath: '/v1',
      promptOf: ({ prompt }) => String(prompt ?? ''),
      answer(request) {
        if (request.headers.authorization !== `Bearer ${apiKey}`)
          return refuse(401, 'Incorrect API key provided: stan****-key.', 'invalid_api_key');
        if (request.path !== path) return refuse(404, `Invalid URL (POST ${request.path})`, null);
        return refusalOf(request.body, now()) ?? generate(request.body, now());
      },
      faults: {
        fail: refuse(
          500,
          'The server had an error while processing your request. Sorry about that!',
          null,
          null,
          'server_error',
        ),
        busy: {
          ...refuse(429, 'Rate limit reached for images per minute.', 'rate_limit_exceeded', null, 'tokens'),
          headers: { 'retry-after': '20' },
        },
        refused: refuse(
          400,
          'Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID 063f708f-f4c2-4465-9de1-452fb65d34ec. safety_violations=[violence].',
          'moderation_blocked',
          null,
          'image_generation_user_error',
        ),
      },
    },
    options,
  );
};

const refuse = (
  status: number,
  message: string,
  code: string | null,
  param: string | null = null,
  type = 'invalid_request_error',
) => ({ status, body: { error: { message, type, param, code } } });

/** Shutdown days as announced; absent: none. */
const models: Record<string, { until?: string; anySize: boolean; finest: boolean }> = {
  'gpt-image-1': { until: '2026-10-23', anySize: false, finest: false },
  'gpt-image-1-mini': { until: '2026-12-01', anySize: false, finest: false },
  'gpt-image-1.5': { until: '2026-12-01', anySize: false, finest: false },
  'gpt-image-2': { anySize: true, finest: false },
  'gpt-image-2.5-sunburst': { anySize: true, finest: true },
  'gpt-image-2.5-flare': { anySize: true, finest: true },
  'gpt-image-2.6-sunburst': { anySize: true, finest: true },
  'gpt-image-2.6-flare': { anySize: true, finest: true },
};

type Check = (value: unknown, body: JsonBody) => boolean;
const isWhole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
const isOneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(String(value));

/** Every parameter there is; any other is refused, `response_format` and `style` among them. */
const parameters: Record<string, Check> = {
  model: (value) => typeof value === 'string',
  prompt: (value) => typeof value === 'string' && value.length > 0 && value.length <= 32_000,
  n: isWhole(1, 10),
  size: (value, { model }) => isSize(String(value), models[String(model)]?.anySize === true),
  quality: (value, { model }) =>
    ['auto', 'low', 'medium', 'high', ...(models[String(model)]?.finest ? ['xhigh', 'max'] : [])].includes(
      String(value),
    ),
  user: (value) => typeof value === 'string',
  background: (value, { output_format: format }) =>
    isOneOf('auto', 'transparent', 'opaque')(value, {}) && !(value === 'transparent' && format === 'jpeg'),
  output_format: isOneOf('png', 'jpeg', 'webp'),
  output_compression: (value, { output_format: format }) =>
    isWhole(0, 100)(value, {}) && (format === 'jpeg' || format === 'webp'),
  moderation: isOneOf('auto', 'low'),
};

const isSize = (size: string, anySize: boolean): boolean => {
  if (['auto', '1024x1024', '1536x1024', '1024x1536'].includes(size)) return true;
  const [, width = 0, height = 0] = (/^(\d+)x(\d+)$/.exec(size) ?? []).map(Number);
  const pixels = width * height;
  return (
    anySize &&
    width % 16 === 0 &&
    height % 16 === 0 &&
    Math.max(width, height) <= 3840 &&
    Math.max(width, height) <= 3 * Math.min(width, height) &&
    pixels >= 655_360 &&
    pixels <= 8_294_400
  );
};

const refusalOf = (body: JsonBody, nowMs: number): Reply | undefined => {
  const unknown = Object.keys(body).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined)
    return refuse(400, `Unknown parameter: '${unknown}'.`, 'unknown_parameter', unknown);
  const missing = ['model', 'prompt'].find((name) => body[name] === undefined);
  if (missing !== undefined)
    return refuse(400, `Missing required parameter: '${missing}'.`, 'missing_required_parameter', missing);
  const model = models[String(body['model'])];
  if (model === undefined || (model.until !== undefined && nowMs >= Date.parse(model.until)))
    return refuse(404, `The model '${body['model']}' does not exist or has been retired.`, 'model_not_found');
  const wrong = Object.entries(body).find(([name, value]) => !parameters[name]?.(value, body));
  if (wrong === undefined) return undefined;
  return refuse(400, `Invalid value: '${wrong[1]}' for '${wrong[0]}'.`, 'invalid_value', wrong[0]);
};

const generate = (body: JsonBody, nowMs: number): Reply => {
  const { prompt, n = 1, size = 'auto', quality = 'auto', background = 'auto' } = body;
  const [width, height] = (size === 'auto' ? '1024x1024' : String(size)).split('x').map(Number) as [
    number,
    number,
  ];
  const count = Number(n);
  const data = Array.from({ length: count }, (_, index) => ({
    b64_json: makePng({
      width,
      height,
      text: `${prompt}${count > 1 ? ` (${index + 1} of ${count})` : ''}`,
    }).toString('base64'),
  }));
  const input_tokens = Math.ceil(String(prompt).length / 4);
  const output_tokens = 1_056 * count;
  return {
    status: 200,
    body: {
      created: Math.floor(nowMs / 1_000),
      background: background === 'auto' ? 'opaque' : background,
      data,
      output_format: 'png',
      quality: quality === 'auto' ? 'high' : quality,
      size: `${width}x${height}`,
      usage: {
        input_tokens,
        input_tokens_details: { image_tokens: 0, text_tokens: input_tokens },
        output_tokens,
        total_tokens: input_tokens + output_tokens,
      },
    },
  };
};
