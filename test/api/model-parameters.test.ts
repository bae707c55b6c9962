import { describe, expect, it } from 'vitest';
import { createTestApi } from '../support/api.ts';

type Parameters = Record<string, { enum?: (string | number)[] }>;
type Model = { id: string; supported_endpoint_types: string[]; parameters?: Parameters };

const api = createTestApi();
const { data } = (await (await api.get('/v1/models')).json()) as { data: Model[] };
const videos = data.filter((model) => model.supported_endpoint_types.includes('video'));

const submit = async (model: string, metadata: object) => {
  const response = await api.submit({ model, prompt: 'a boat', metadata });
  return response.status;
};

/** A value that some model takes. */
const samples: Record<string, unknown> = {
  negative_prompt: 'rain',
  cfg_scale: 0.5,
  sound: 'on',
  multi_shot: true,
  image_list: [{ image_url: 'https://example.com/boat.png' }],
  video_list: [{ video_url: 'https://example.com/boat.mp4' }],
};

const withheld = videos.flatMap(({ id, parameters = {} }) =>
  Object.entries(samples)
    .filter(([name]) => parameters[name] === undefined)
    .map(([name, value]) => ({ id, name, value })),
);

describe('the parameters of a model', () => {
  it('are told of every video model', () => {
    expect(videos.length).toBeGreaterThan(5);
    for (const { parameters } of videos) expect(parameters).toMatchObject({ duration: {}, mode: {} });
  });

  it.each(videos)('hold a mode and a length that $id takes', async ({ id, parameters = {} }) => {
    for (const mode of parameters['mode']?.enum ?? []) expect(await submit(id, { mode })).toBe(200);
    expect(parameters['duration']?.enum).toContain(5);
    expect(await submit(id, { duration: 5 })).toBe(200);
    expect(await submit(id, { duration: 99 })).toBe(400);
  });

  it.each(withheld)('lack what $id refuses: $name', async ({ id, name, value }) => {
    expect(await submit(id, { [name]: value })).toBe(400);
  });
});
