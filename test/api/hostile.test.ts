import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fileLinkPath } from '../../lib/assets/file-link.ts';
import { metadataFields } from '../../lib/providers/kling/fields.ts';
import { klingModels } from '../../lib/providers/kling/models.ts';
import { webhookUrl } from '../../lib/providers/webhook-address.ts';
import { startMs } from '../support/a-task.ts';
import { createTestApi, linkSigningKey, ownKey, ownUrl, type TestApi } from '../support/api.ts';
import { describedRoutes } from '../support/openapi.ts';
import { aPng } from '../support/pictures.ts';
import { requestOf } from '../support/stored.ts';

/** The most that DynamoDB takes of one item. */
const maxItemBytes = 400 * 1024;

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

/** No provider is configured for images, which SDKs must not retry. */
const isOurFault = (response: Response) =>
  response.status >= 500 && !(response.status === 503 && response.headers.get('x-should-retry') === 'false');

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '\u0000',
    '\ud83d',
    '../../etc/passwd',
    '{{7*7}}<script>',
    "' OR 1=1 --",
  ),
  fc.constantFrom(
    'https://a.example.com/a.png',
    'http://127.0.0.1/',
    'data:image/png;base64,AAAA',
    aPng().toString('base64'),
  ),
);
const hostileNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e308, 5e-324, Number.MAX_SAFE_INTEGER, -1),
);
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(fc.dictionary(hostileText, hostileText, { maxKeys: 3 }), { maxLength: 9 }),
);

const sometimes = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: hostileValue });

const url = fc.constantFrom('https://a.example.com/a.png', 'https://b.example.com/b.mp4?x=1');
const shot = fc.record({
  index: fc.integer({ min: 0, max: 7 }),
  prompt: fc.string(),
  duration: fc.integer({ min: 0, max: 15 }),
});

/** Values that are often right, for the fields where chance would never be. */
const plausible: Record<string, fc.Arbitrary<unknown>> = {
  mode: fc.constantFrom('std', 'pro', '4k'),
  aspect_ratio: fc.constantFrom('16:9', '9:16', '1:1'),
  duration: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constantFrom('5', '10')),
  cfg_scale: fc.double({ min: 0, max: 1, noNaN: true }),
  sound: fc.constantFrom('on', 'off'),
  multi_shot: fc.boolean(),
  shot_type: fc.constantFrom('customize', 'intelligence'),
  multi_prompt: fc.array(shot, { maxLength: 7 }),
  image_tail: url,
  image_list: fc.array(
    fc.record({ image_url: url, type: fc.constantFrom('first_frame', 'end_frame', undefined) }),
    {
      maxLength: 8,
    },
  ),
  video_list: fc.array(fc.record({ video_url: url, refer_type: fc.constantFrom('base', 'feature') }), {
    maxLength: 2,
  }),
  element_list: fc.array(fc.record({ element_id: fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String) }), {
    maxLength: 8,
  }),
};

const metadata = fc.record(
  Object.fromEntries(
    Object.keys(metadataFields(false)).map((name) => [name, sometimes(plausible[name] ?? fc.string())]),
  ),
  { requiredKeys: [] },
);

const videoRequest = fc.record(
  {
    model: sometimes(fc.constantFrom(...klingModels.map(({ id }) => id))),
    prompt: sometimes(fc.string({ unit: 'grapheme', minLength: 1 })),
    image: sometimes(url),
    metadata: sometimes(metadata),
    callback_url: sometimes(fc.constant('https://hooks.example.com')),
    callback_events: sometimes(fc.constant(['video.failed'])),
    expires_after: sometimes(fc.integer({ min: 60, max: 86_400 })),
  },
  { requiredKeys: ['model', 'prompt'] },
);

describe('a hostile video request', () => {
  it('is accepted whole or refused whole, and never our fault', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(videoRequest, async (request) => {
        const tasksBefore = api.created.length;
        const response = await api.submit(request);
        expect(isOurFault(response)).toBe(false);
        expect(api.created.length - tasksBefore).toBe(response.status === 200 ? 1 : 0);
        if (response.status !== 200) return;
        accepted += 1;
        const { id } = (await response.json()) as { id: string };
        const task = await api.tasks.find(id);
        expect(Buffer.byteLength(JSON.stringify(task))).toBeLessThan(maxItemBytes);
        expect(JSON.parse(JSON.stringify(task))).toEqual(task);
        expect((await api.get(`/v1/video/generations/${id}`)).status).toBe(200);
      }),
      { numRuns: 1_500 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('can send Kling no field that Kling does not have', async () => {
    const known = new Set([...Object.keys(metadataFields(false)), 'prompt', 'image']);
    const neverSent = ['external_task_id', 'callback_url', 'camera_control', 'static_mask', 'dynamic_masks'];
    for (const name of neverSent) known.delete(name);
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('model', 'model_name', 'callback', 'n', 'seed', ...neverSent),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, hostileText), async (extra) => {
        const response = await api.submit({ model: 'kling/kling-v3', prompt: 'rain', metadata: extra });
        if (response.status !== 200) return;
        const { id } = (await response.json()) as { id: string };
        const request = requestOf(await api.tasks.find(id));
        expect(request?.upstreamModel).toBe('kling-v3');
        for (const name of Object.keys(request?.parameters ?? {})) expect(known).toContain(name);
      }),
    );
  });
});

describe('the whole surface', () => {
  const routes = fc.constantFrom(...describedRoutes);
  const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');
  const pathPart = fc
    .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('..', '%', '%00', 'task_1'))
    .map(encodeURIComponent);
  const headerText = fc
    .string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 300,
    })
    .filter((text) => !text.includes('\x7f'));
  const headers = fc.record(
    {
      authorization: fc.oneof(
        { weight: 9, arbitrary: fc.constant(`Bearer ${ownKey}`) },
        { weight: 1, arbitrary: headerText },
      ),
      'content-type': fc.oneof(
        { weight: 9, arbitrary: fc.constant('application/json') },
        { weight: 1, arbitrary: headerText },
      ),
      'idempotency-key': headerText,
      'x-request-id': headerText,
      'x-stainless-retry-count': fc.oneof(headerText, fc.nat().map(String)),
      prefer: fc.oneof(headerText, fc.constant('respond-async')),
    },
    { requiredKeys: ['authorization', 'content-type'] },
  );
  const bodies = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    videoRequest.map((value) => JSON.stringify(value)),
  );
  const queries = fc.dictionary(
    fc.constantFrom('limit', 'after', 'status', 'expires', 'signature'),
    fc.string(),
    { maxKeys: 3 },
  );

  it('answers everything as its document says, and nothing with a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          route: routes,
          otherMethod: fc.option(methods, { freq: 4 }),
          pathPart,
          query: queries,
          headers,
          body: bodies,
        }),
        async ({ route, otherMethod, pathPart: part, query, headers: sent, body }) => {
          const method = otherMethod ?? route.method;
          const path = route.path.replace(/\{\w+\}/g, part);
          const { href } = new URL(`${path}?${new URLSearchParams(query)}`, ownUrl);
          const hasBody = method !== 'GET';
          const response = await api.request(href, { method, headers: sent, ...(hasBody && { body }) });
          expect(isOurFault(response), `${method} ${href} ${body}`).toBe(false);
          expect((await response.clone().text()).length).toBeLessThan(100_000);
          expect(response.headers.get('x-request-id')).toMatch(/^[\w=-]{1,64}$/);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(api.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a signature', () => {
  const changed = (text: string) =>
    fc
      .tuple(fc.integer({ min: 1, max: text.length - 1 }), fc.constantFrom(...'ABab01-_=%20'))
      .map(([at, character]) => `${text.slice(0, at)}${character}${text.slice(at + 1)}`)
      .filter((other) => other !== text);

  it('of a file link holds for that very link only', async () => {
    const path = fileLinkPath(`file_${'a'.repeat(32)}`, startMs + 60_000, linkSigningKey);
    expect((await api.get(path)).status).toBe(302);
    await fc.assert(
      fc.asyncProperty(changed(path), async (other) => {
        const response = await api.request(`${ownUrl}${other}`);
        expect(response.status).not.toBe(302);
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });

  it('of a webhook address holds for that very task only', async () => {
    const address = webhookUrl('', { provider: 'kling', taskId: `task_${'a'.repeat(32)}` }, linkSigningKey);
    await fc.assert(
      fc.asyncProperty(changed(address), async (other) => {
        const response = await api.request(`${ownUrl}${other}`, { method: 'POST' });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
    expect(api.sent).toEqual([]);
  });
});
