import type { Json, JsonObject } from '../../../lib/json.ts';
import type { VideoRequestInput } from '../../../lib/providers/descriptor.ts';
import { prepareVideoRequest } from '../../../lib/providers/kling/video-request.ts';
import type { VideoModel } from '../../../lib/providers/model.ts';
import { registry } from '../../../lib/providers/registry.ts';

const now = Date.parse('2026-11-22T00:00:00Z');
export const picture = 'https://pictures.example/first.png';
export const lastPicture = 'https://pictures.example/last.png';
export const clip = 'https://videos.example/clip.mp4';

export type Input = Partial<Omit<VideoRequestInput, 'model' | 'serving'>>;

const prepare = (name: string, input: Input = {}) => {
  const resolved = registry.resolveModel(`kling/${name}`, now);
  if (typeof resolved === 'string') throw new Error(`${name} is ${resolved}`);
  const { requested: model, serving } = resolved as Record<keyof typeof resolved, VideoModel>;
  return prepareVideoRequest({
    prompt: 'a red kite',
    extraFields: [],
    allowPrivateUrls: false,
    model,
    serving,
    ...input,
  });
};

export const accepted = (name: string, input: Input = {}) => {
  const outcome = prepare(name, input);
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
};
export const sent = (name: string, metadata: JsonObject = {}, image?: string): JsonObject =>
  accepted(name, { metadata, image }).request.parameters;

export const problems = (name: string, input: Input) => {
  const outcome = prepare(name, input);
  return 'problems' in outcome ? outcome.problems : [];
};

export const withImage = { image: picture };
export const elements = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ element_id: String(index + 1) }));
export const references = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ image_url: `https://pictures.example/${index}.png` }));
export const frames = (...types: string[]): Json => types.map((type) => ({ image_url: picture, type }));
export const shots = (...durations: (number | string)[]): Json =>
  durations.map((duration, position) => ({ index: position + 1, prompt: 'a door opens', duration }));
export const ownShots = { multi_shot: true, shot_type: 'customize' };
