import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { taskEvent, testEvent } from '../../lib/callbacks/event.ts';
import { type Delivery, taskEventTypes } from '../../lib/tasks/delivery.ts';
import { completeImages, completeVideo, failTask, withEvent } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { contract } from '../fixtures/clearmaas-contract.ts';
import { anImageTask, aRunningTask, startMs } from '../support/a-task.ts';
import { createTestApi } from '../support/api.ts';
import { describedRoutes, isForClients, openApi, problemsOf } from '../support/openapi.ts';

const { schemas } = openApi.components;
const operationIds = describedRoutes.map(({ operation }) => operation.operationId);

describe('GET /openapi.json', () => {
  it('needs no key and is OpenAPI 3.1', async () => {
    const response = await createTestApi().request('/openapi.json');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual(openApi);
    expect(openApi.openapi).toBe('3.1.0');
  });

  it('is valid by the schema of OpenAPI, and each of its references leads somewhere', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openApi))).toEqual({ valid: true });
    expect(validator.resolveRefs({ specification: structuredClone(openApi) })).toBeDefined();
    const text = JSON.stringify(openApi);
    for (const [, path = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = path.split('/').reduce<unknown>((at, name) => Object(at)[name], openApi);
      expect(target, path).toBeDefined();
    }
  });

  it('gives each operation an id, a summary, a tag and a name for each part of its path', () => {
    expect(new Set(operationIds).size).toBe(operationIds.length);
    for (const { path, operation } of describedRoutes) {
      const { summary, tags, parameters = [] } = operation;
      expect(summary, path).toMatch(/^[A-Z].*[^.]$/);
      expect(tags).toHaveLength(1);
      const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(named).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('uses every schema that it defines', () => {
    const text = JSON.stringify(openApi);
    for (const name of Object.keys(schemas)) expect(text).toContain(`"#/components/schemas/${name}"`);
  });

  it('covers exactly the routes below /v1 that there are', () => {
    const routes = createTestApi()
      .app.routes.filter(({ method, path }) => method !== 'ALL' && isForClients(path))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{\.\+\})?/g, '{$1}')}`)
      .map((route) => route.replace('{model}', '{model_id}'));
    expect(describedRoutes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routes.sort());
  });
});

describe('an event', () => {
  const callback = { url: 'https://hooks.example.com', events: [...taskEventTypes] };
  const submitted = aRunningTask({ callback, callerReference: 'order-7' });
  const url = 'https://cdn.example.com/a.mp4';
  const made = { images: [{ url }], servedBy: 'openai/gpt-image-1' };

  it.each<[string, Task]>([
    ['a video', completeVideo(submitted, url, startMs)],
    ['a failure', failTask(submitted, { code: 'refused', reason: 'no' }, startMs)],
    ['progress', withEvent(submitted, 'video.in_progress', startMs)],
    ['images', completeImages(anImageTask({ callback }), made, startMs)],
  ])('of %s is sent as the document says', (_what, task) => {
    const { delivery } = task;
    expect(delivery).toBeDefined();
    const { body } = taskEvent(task, delivery as Delivery);
    expect(
      problemsOf(
        { $ref: `#/components/schemas/${task.kind === 'image' ? 'Image' : 'Video'}Event` },
        JSON.parse(body.toString()),
      ),
    ).toEqual([]);
  });
});

it('describes a test event as it is sent', () => {
  const event = JSON.parse(testEvent({ livemode: true }, startMs).body.toString());
  expect(problemsOf({ $ref: '#/components/schemas/CallbackTestEvent' }, event)).toEqual([]);
  expect(problemsOf({ $ref: '#/components/schemas/VideoCompletedEvent' }, event)).not.toEqual([]);
});

describe('what generators read', () => {
  const text = JSON.stringify(openApi);

  it('is no list of types, which some of them stop at', () => {
    expect(text).not.toContain('"type":[');
  });

  it('is one schema for each event, told apart by its type', () => {
    expect(schemas['VideoEvent']).toMatchObject({
      oneOf: [{}, {}, {}],
      discriminator: { mapping: { 'video.failed': '#/components/schemas/VideoFailedEvent' } },
    });
  });

  it('is what a submission sends to its callback_url, with the headers that are signed', () => {
    for (const { operation } of describedRoutes.filter(({ operation: { operationId } }) =>
      ['createVideoTask', 'createImage'].includes(operationId),
    ))
      expect(operation).toMatchObject({
        callbacks: {
          events: {
            '{$request.body#/callback_url}': {
              post: { parameters: [{ $ref: '#/components/parameters/WebhookId' }, {}, {}] },
            },
          },
        },
      });
  });

  it('has the limits that the code has', () => {
    const video = schemas['VideoGenerationRequest']?.properties ?? {};
    expect(video).toMatchObject({
      prompt: { maxLength: 2_500 },
      callback_url: { maxLength: 2_048 },
      callback_events: { minItems: 1 },
      expires_after: { type: 'integer', minimum: 60, maximum: 86_400 },
      metadata: {
        properties: {
          cfg_scale: { anyOf: [{ type: 'number', minimum: 0, maximum: 1 }, {}] },
          duration: { anyOf: [{ type: 'integer', minimum: 1 }, {}] },
          image_list: { maxItems: 7 },
          element_list: {
            items: {
              properties: {
                element_id: {
                  anyOf: [
                    { type: 'integer', minimum: 1 },
                    { type: 'string', pattern: '^[1-9]\\d{0,18}$' },
                  ],
                },
              },
            },
          },
          voice_list: {
            items: {
              properties: { voice_id: { anyOf: [{ pattern: '^\\S{1,128}$' }, { type: 'number' }] } },
            },
          },
        },
      },
      n: { const: 1 },
    });
    expect(schemas['ImageGenerationRequest']?.properties).toMatchObject({
      prompt: { minLength: 1, maxLength: 32_000 },
      n: { type: 'integer', minimum: 1, maximum: 10 },
      output_compression: { type: 'integer', minimum: 0, maximum: 100 },
    });
  });

  it('has every field that a form takes, and which of them may be files', () => {
    const { VideoCreateForm: form, VideoGenerationRequest: json } = schemas;
    expect(Object.keys(form?.properties ?? {})).toEqual(Object.keys(json?.properties ?? {}));
    const files = Object.entries(form?.properties ?? {}).filter(([, { format }]) => format === 'binary');
    expect(files.map(([name]) => name).sort()).toEqual(['image', 'input_reference']);
  });

  it('has a fallback chain in both of its places', () => {
    const chain = { models: { type: 'array' }, route: { type: 'string' } };
    expect(schemas['ImageGenerationRequest']?.properties).toMatchObject({
      ...chain,
      extra_body: { type: 'object', properties: chain },
    });
  });

  it('has Range wherever a file is sent', () => {
    const sent = describedRoutes.filter(({ operation: { responses } }) => '206' in responses);
    expect(sent).toHaveLength(2);
    for (const { operation } of sent)
      expect(operation.parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'Range' }));
  });

  it('has an Idempotency-Key as it is taken', () => {
    const { parameters = [] } = openApi.paths['/videos']?.['post'] ?? {};
    const described = parameters.find(({ name }) => name === 'Idempotency-Key');
    const pattern = new RegExp(String(described?.schema['pattern']), 'u');
    const isTaken = (key: string) => pattern.test(key);
    expect(['a key', 'schlüssel', '', 'a\tb', 'x'.repeat(256)].map(isTaken)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('is no field that every model refuses', () => {
    expect(text).not.toContain('camera_control');
  });
});

describe('what ClearMaas documents', () => {
  it.each(contract.operations)('keeps its operation $operationId', ({ operationId, method, path }) => {
    expect(describedRoutes).toContainEqual(
      expect.objectContaining({ method, path, operation: expect.objectContaining({ operationId }) }),
    );
  });

  it.each(Object.entries(contract.schemas))('keeps its schema %s', (name, expected) => {
    const schema = schemas[name];
    if ('required' in expected) expect(schema?.required).toEqual(expected.required);
    for (const [field, facts] of Object.entries(expected.properties)) {
      const { enum: values = [], ...others } = facts as { enum?: string[] };
      expect(schema?.properties[field], field).toMatchObject(others);
      expect(schema?.properties[field]?.['enum'] ?? [], field).toEqual(expect.arrayContaining(values));
    }
  });

  it('demands no more of a video request than it does', () => {
    expect(schemas['VideoGenerationRequest']?.required).toEqual(['model', 'prompt']);
    expect(schemas['VideoGenerationRequest']).not.toHaveProperty('additionalProperties');
  });

  it('finds every key of metadata, with what it is for', () => {
    const { metadata } = schemas['VideoGenerationRequest']?.properties ?? {};
    const keys = Object.entries(metadata?.['properties'] as Record<string, { description: string }>);
    expect(keys.map(([key]) => key)).toEqual(expect.arrayContaining([...contract.metadata]));
    for (const [key, { description }] of keys) expect(description, key).toBeTruthy();
  });

  it('finds every field of a task and of an image', () => {
    const { properties = {} } = schemas['Task'] ?? {};
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...contract.task]));
    expect(properties['progress']).toMatchObject({ type: 'string' });
    expect(new Set(properties['status']?.['enum'] as string[])).toEqual(new Set(contract.taskStatuses));
    expect(properties['action']?.['enum']).toEqual(contract.taskActions);
    expect(schemas['ImageResponse']?.properties['data']).toMatchObject({
      items: { properties: Object.fromEntries(contract.imageItem.map((name) => [name, { type: 'string' }])) },
    });
  });
});
