import { makePng } from '../../lib/sandbox/media/png.ts';
import {
  type FakeImageProvider,
  type FakeImageProviderOptions,
  type JsonBody,
  type Reply,
  startImageServer,
} from './image-server.ts';
import { sizeOfRatio } from './ratio-size.ts';

/** A strict `generateContent` on this machine, for the models of Google that make images. */
export const startFakeGoogle = (options: FakeImageProviderOptions = {}): Promise<FakeImageProvider> => {
  const { apiKey = 'fake-key' } = options;
  return startImageServer(
    {
      basePath: '/v1beta',
      promptOf,
      answer({ path, headers, body }) {
        if (headers['x-goog-api-key'] !== apiKey)
          return refuse(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'API_KEY_INVALID',
              domain: 'googleapis.com',
            },
          ]);
        const [, model = '', method] = /^\/v1beta\/models\/([\w.-]+):(\w+)$/.exec(path) ?? [];
        const ratios = models[model];
        if (ratios === undefined || method !== 'generateContent')
          return refuse(
            404,
            'NOT_FOUND',
            `models/${model} is not found for API version v1beta, or is not supported for ${method}.`,
          );
        return refusalOf(body, ratios) ?? generate(model, body);
      },
      faults: {
        fail: refuse(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
        busy: refuse(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17s' },
        ]),
        refused: {
          status: 200,
          body: {
            candidates: [
              {
                content: { role: 'model' },
                finishReason: 'IMAGE_SAFETY',
                finishMessage: 'Unable to show the generated image.',
                index: 0,
              },
            ],
            usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
          },
        },
      },
    },
    options,
  );
};

const refuse = (code: number, status: string, message: string, details?: object[]) => ({
  status: code,
  body: { error: { code, message, status, ...(details && { details }) } },
});

const commonRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
const models: Record<string, readonly string[]> = {
  'gemini-nano-banana-2.1': [...commonRatios, '1:4', '4:1', '1:8', '8:1'],
  'gemini-3-pro-image': commonRatios,
};
const longSides: Record<string, number> = { '1K': 1024, '2K': 2048, '4K': 4096 };

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((found, step) => Object(found)[step], value);

const promptOf = (body: JsonBody): string => String(at(body, 'contents', 0, 'parts', 0, 'text') ?? '');

/** The fields of each object that this version of the API knows. */
const known: [path: string[], names: string[]][] = [
  [[], ['contents', 'generationConfig', 'safetySettings', 'systemInstruction', 'tools']],
  [['generationConfig'], ['responseModalities', 'imageConfig', 'candidateCount', 'temperature', 'seed']],
  [
    ['generationConfig', 'imageConfig'],
    ['aspectRatio', 'imageSize'],
  ],
];

const refusalOf = (body: JsonBody, ratios: readonly string[]): Reply | undefined => {
  for (const [path, names] of known)
    for (const name of Object.keys(Object(at(body, ...path))))
      if (!names.includes(name))
        return refuse(
          400,
          'INVALID_ARGUMENT',
          `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
        );
  if (promptOf(body) === '') return refuse(400, 'INVALID_ARGUMENT', 'contents is not specified');
  const modalities = at(body, 'generationConfig', 'responseModalities');
  if (!Array.isArray(modalities) || !modalities.includes('IMAGE'))
    return refuse(
      400,
      'INVALID_ARGUMENT',
      'The requested combination of response modalities is not supported.',
    );
  const { aspectRatio = '1:1', imageSize = '1K' } = Object(at(body, 'generationConfig', 'imageConfig'));
  if (!ratios.includes(aspectRatio))
    return refuse(400, 'INVALID_ARGUMENT', `aspect_ratio must be one of ${ratios.join(', ')}`);
  if (!Object.hasOwn(longSides, imageSize))
    return refuse(400, 'INVALID_ARGUMENT', 'image_size must be 1K, 2K or 4K');
  return undefined;
};

const generate = (model: string, body: JsonBody): Reply => {
  const { aspectRatio = '1:1', imageSize = '1K' } = Object(at(body, 'generationConfig', 'imageConfig'));
  const text = promptOf(body);
  const png = makePng({ ...sizeOfRatio(String(aspectRatio), longSides[imageSize] ?? 1024), text });
  const promptTokenCount = Math.ceil(text.length / 4);
  return {
    status: 200,
    body: {
      candidates: [
        {
          content: {
            parts: [
              {
                inlineData: { mimeType: 'image/png', data: png.toString('base64') },
                thoughtSignature: Buffer.alloc(3_000, text).toString('base64'),
              },
            ],
            role: 'model',
          },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      usageMetadata: {
        promptTokenCount,
        candidatesTokenCount: 1_120,
        totalTokenCount: promptTokenCount + 1_120,
      },
      modelVersion: model,
    },
  };
};
