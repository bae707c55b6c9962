import { beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createOpenAiImages } from '../../lib/providers/openai/openai-images.ts';
import { completeImages } from '../../lib/tasks/settlement.ts';
import generated from '../fixtures/openai/generated.json' with { type: 'json' };
import moderated from '../fixtures/openai/moderation-blocked.json' with { type: 'json' };
import overloaded from '../fixtures/openai/server-error.json' with { type: 'json' };
import { startMs } from '../support/a-task.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { openNothing } from '../support/provider-answers.ts';

type ProviderAnswer = { httpStatus?: number; body: unknown };

let api: TestApi;
let providerAnswer: ProviderAnswer;

/** Each answer is compared with the OpenAPI document as it is given; these tests bring about the different ones. */
beforeEach(() => {
  providerAnswer = generated;
  const openai = createOpenAiImages({
    baseUrl: 'https://openai.example',
    apiKey: 'key',
    http: createHttpClient(async () =>
      Response.json(providerAnswer.body, { status: providerAnswer.httpStatus ?? 200 }),
    ),
    openLink: openNothing,
  });
  api = createTestApi({
    providers: { imageProviders: { openai } },
    dependencies: {
      assets: {
        putInput: async () => '',
        readFile: async () => Buffer.alloc(0),
        deleteInputs: async () => {},
        deleteFile: async () => {},
        openFile: async () => undefined,
        putVideo: async () => {},
        bucketLink: async () => '',
        async putImage(bytes) {
          const fileId = `file_${'a'.repeat(32)}`;
          return { fileId, contentType: 'image/png', sizeBytes: bytes.length };
        },
      },
    },
  });
});

const request = { model: 'openai/gpt-image-1', prompt: 'a kite' };
const post = (changes: object = {}, headers?: Record<string, string>) =>
  api.post('/v1/images/generations', { ...request, ...changes }, headers);

describe('an image answer that the document describes', () => {
  it.each([
    ['links', {}, 200],
    ['bytes', { response_format: 'b64_json' }, 200],
    ['wrong fields', { n: 11, quality: 'best', size: 'huge' }, 400],
    ['no such model', { model: 'openai/dall-e-9' }, 404],
    ['a model without an account', { model: 'grok/grok-imagine-image' }, 503],
  ])('is given with %s', async (_what, changes, status) => {
    expect((await post(changes)).status).toBe(status);
  });

  it.each<[string, ProviderAnswer, number]>([
    ['refuses the prompt', moderated, 400],
    ['fails', overloaded, 502],
  ])('is given when the provider %s', async (_what, answer, status) => {
    providerAnswer = answer;
    expect((await post()).status).toBe(status);
  });

  it('is given for a task, from its acceptance to its end', async () => {
    const accepted = await post({}, { prefer: 'respond-async', 'idempotency-key': 'kite' });
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    const path = `/v1/images/generations/${id}`;
    expect((await api.get(path)).status).toBe(200);
    const made = { images: [{ url: 'https://a.example' }], servedBy: 'openai/gpt-image-1' };
    await api.tasks.change(id, (task) =>
      task.kind === 'image' && task.state !== 'ended' ? completeImages(task, made, startMs) : undefined,
    );
    expect(await (await api.get(path)).json()).toMatchObject({
      data: { status: 'SUCCESS', images: [{ url: 'https://a.example' }] },
    });
    expect((await post({}, { prefer: 'respond-async', 'idempotency-key': 'kite' })).status).toBe(202);
    expect((await post({ n: 2 }, { prefer: 'respond-async', 'idempotency-key': 'kite' })).status).toBe(409);
    expect((await api.get('/v1/video/generations')).status).toBe(200);
  });
});
