import {
  APICallError,
  type JSONValue,
  type SharedV4Warning,
  type Experimental_VideoModelV4CallOptions as VideoCallOptions,
  type Experimental_VideoModelV4File as VideoFile,
  type Experimental_VideoModelV4 as VideoModelV4,
} from '@ai-sdk/provider';

type Settings = { baseURL: string; apiKey: string; fetch: typeof fetch };

/** What the gateway answers of a task, as far as it is read here. */
type Task = { id: string; warnings: string[] };
type Polled = { data: { status: string; fail_reason?: string } };
type Call = {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  headers?: Record<string, string | undefined> | undefined;
  abortSignal?: AbortSignal | undefined;
};

/** A video model whose work is started, and asked for or awaited by its callback. */
export const createVideoModel = (modelId: string, { baseURL, apiKey, fetch }: Settings): VideoModelV4 => {
  const ask = async ({ method, path, body, headers = {}, abortSignal }: Call): Promise<Response> => {
    const url = baseURL.replace(/\/$/, '') + path;
    const response = await fetch(url, {
      method,
      headers: withoutUndefined({
        authorization: `Bearer ${apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      }),
      ...(body && { body: JSON.stringify(body) }),
      ...(abortSignal && { signal: abortSignal }),
    });
    if (!response.ok) throw failure(url, body, response, await response.text());
    return response;
  };

  const call = async <Answer>(request: Call) => {
    const response = await ask(request);
    const answer: Answer = JSON.parse(await response.text());
    const facts = { timestamp: new Date(), modelId, headers: Object.fromEntries(response.headers) };
    return { answer, response: facts };
  };

  return {
    specificationVersion: 'v4',
    provider: 'clearmaas.video',
    modelId,
    maxVideosPerCall: 1,

    async handleWebhookOption({ webhook }) {
      const { url, received } = await webhook();
      return { webhookUrl: url, received };
    },

    async doStart({ webhookUrl, headers, abortSignal, ...options }) {
      const { body, warnings } = requestOf(modelId, options, webhookUrl);
      const { answer, response } = await call<Task>({
        method: 'POST',
        path: '/video/generations',
        body,
        headers,
        abortSignal,
      });
      const ignored = answer.warnings.map((message): SharedV4Warning => ({ type: 'other', message }));
      return { operation: answer.id, warnings: [...warnings, ...ignored], response };
    },

    async doStatus({ operation, headers, abortSignal }) {
      const path = `/video/generations/${encodeURIComponent(taskIdOf(operation))}`;
      const { answer, response } = await call<Polled>({ method: 'GET', path, headers, abortSignal });
      const { status, fail_reason } = answer.data;
      if (status === 'FAILURE')
        return { status: 'error', error: fail_reason ?? 'The video failed.', response };
      if (status !== 'SUCCESS') return { status: 'pending', response };
      // The AI SDK itself follows no link to one's own machine.
      const content = await ask({ method: 'GET', path: `${path}/content`, headers, abortSignal });
      const data = new Uint8Array(await content.arrayBuffer());
      const video = { type: 'binary', data, mediaType: 'video/mp4' } as const;
      return { status: 'completed', videos: [video], warnings: [], response };
    },
  };
};

const taskIdOf = (operation: JSONValue): string => {
  if (typeof operation === 'string') return operation;
  throw new TypeError('This operation was not started by this provider.');
};

type Options = Omit<VideoCallOptions, 'headers' | 'abortSignal'>;

/** The request in the gateway's terms. Fields of `providerOptions.clearmaas` are those of `metadata`. */
const requestOf = (modelId: string, options: Options, webhookUrl: string | undefined) => {
  const { prompt, aspectRatio, resolution, duration, generateAudio, providerOptions } = options;
  const frame = (type: 'first_frame' | 'last_frame') =>
    options.frameImages?.find(({ frameType }) => frameType === type)?.image;
  const image = options.image ?? frame('first_frame');
  const last = frame('last_frame');
  const references = options.inputReferences ?? [];
  const unsupported = (['fps', 'seed'] as const).filter((name) => options[name] !== undefined);
  return {
    body: {
      model: modelId,
      prompt,
      size: resolution,
      image: image && pictureOf(image),
      metadata: {
        aspect_ratio: aspectRatio === 'adaptive' ? undefined : aspectRatio,
        duration,
        sound: generateAudio === undefined ? undefined : generateAudio ? 'on' : 'off',
        image_tail: last && pictureOf(last),
        image_list:
          references.length === 0 ? undefined : references.map((file) => ({ image_url: pictureOf(file) })),
        ...providerOptions['clearmaas'],
      },
      callback_url: webhookUrl,
    },
    warnings: unsupported.map((feature): SharedV4Warning => ({ type: 'unsupported', feature })),
  };
};

const pictureOf = (file: VideoFile): string => {
  if (file.type === 'url') return file.url;
  return typeof file.data === 'string' ? file.data : Buffer.from(file.data).toString('base64');
};

const withoutUndefined = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

const failure = (url: string, body: object | undefined, response: Response, text: string): APICallError =>
  new APICallError({
    message: messageOf(text) ?? `HTTP ${response.status}`,
    url,
    requestBodyValues: body,
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: text,
    ...(response.headers.get('x-should-retry') === 'false' && { isRetryable: false }),
  });

const messageOf = (text: string): string | undefined => {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return undefined;
  }
};
