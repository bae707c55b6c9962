import { isJsonObject } from '../../lib/json.ts';
import type { Kind } from './kling-tasks.ts';

/** A create call's body as it came; nothing about it is known yet. */
export type Body = Record<string, unknown>;

type Model = {
  kinds: readonly Kind[];
  durations: readonly string[];
  modes: readonly string[];
  sound: boolean;
  shots: boolean;
};

const fiveOrTen = ['5', '10'];
const threeTo = (last: number) => Array.from({ length: last - 2 }, (_, index) => String(index + 3));
const fromTextOrImage: readonly Kind[] = ['text2video', 'image2video'];

/** What is still sold; retired models are refused like unknown ones. */
const models: Record<string, Model> = {
  'kling-v2-5-turbo': {
    kinds: fromTextOrImage,
    durations: fiveOrTen,
    modes: ['std', 'pro'],
    sound: false,
    shots: false,
  },
  'kling-v2-6': {
    kinds: fromTextOrImage,
    durations: fiveOrTen,
    modes: ['std', 'pro'],
    sound: true,
    shots: false,
  },
  'kling-v3': {
    kinds: fromTextOrImage,
    durations: threeTo(15),
    modes: ['std', 'pro', '4k'],
    sound: true,
    shots: true,
  },
  'kling-video-o1': {
    kinds: ['omni-video'],
    durations: threeTo(10),
    modes: ['std', 'pro'],
    sound: false,
    shots: false,
  },
  'kling-v3-omni': {
    kinds: ['omni-video'],
    durations: threeTo(15),
    modes: ['std', 'pro', '4k'],
    sound: true,
    shots: true,
  },
};

/** Documented for one endpoint or another; elsewhere they are refused. Fields that nobody documents are ignored. */
const fieldKinds: Record<string, readonly Kind[]> = {
  negative_prompt: fromTextOrImage,
  cfg_scale: fromTextOrImage,
  camera_control: fromTextOrImage,
  image: ['image2video'],
  image_tail: ['image2video'],
  static_mask: ['image2video'],
  dynamic_masks: ['image2video'],
  voice_list: ['image2video'],
  element_list: ['image2video', 'omni-video'],
  image_list: ['omni-video'],
  video_list: ['omni-video'],
  aspect_ratio: ['text2video', 'omni-video'],
};

const isText = (value: unknown): value is string => typeof value === 'string';
export const listIn = (body: Body, name: string): Body[] => {
  const list = body[name];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
};
const invalid = (name: string, value: unknown): string =>
  `${name} value '${isText(value) ? value.slice(0, 100) : JSON.stringify(value)}' is invalid`;

const types: Record<string, (value: unknown) => boolean> = {
  model_name: isText,
  prompt: isText,
  negative_prompt: isText,
  mode: isText,
  duration: isText,
  aspect_ratio: (value) => ['16:9', '9:16', '1:1'].includes(String(value)),
  cfg_scale: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  sound: (value) => value === 'on' || value === 'off',
  multi_shot: (value) => typeof value === 'boolean',
  shot_type: (value) => value === 'customize' || value === 'intelligence',
  multi_prompt: Array.isArray,
  watermark_info: (value) => isJsonObject(value) && typeof value['enabled'] === 'boolean',
  callback_url: (value) => isText(value) && /^https?:\/\/./.test(value),
  external_task_id: (value) => isText(value) && value !== '',
  image: (value) => isPicture(value),
  image_tail: (value) => isPicture(value),
  image_list: Array.isArray,
  video_list: (value) => Array.isArray(value) && value.length === 1,
  element_list: (value) =>
    Array.isArray(value) && value.every((item) => isJsonObject(item) && Number.isInteger(item['element_id'])),
  voice_list: (value) =>
    Array.isArray(value) &&
    value.length <= 2 &&
    value.every((item) => isJsonObject(item) && isText(item['voice_id'])),
};

/** A link, or base64 without the prefix of a data URL. */
const isPicture = (value: unknown): boolean =>
  isText(value) && (/^https?:\/\/\S+$/.test(value) || /^[A-Za-z0-9+/]{20,}={0,2}$/.test(value));

/** Why Kling refuses this create call with 1201; `undefined` when it takes it. */
export const refusalOf = (kind: Kind, body: Body): string | undefined => {
  for (const [name, value] of Object.entries(body)) {
    const isRight = Object.hasOwn(types, name) ? types[name] : undefined;
    if (isRight !== undefined && !isRight(value)) return invalid(name, value);
    if (Object.hasOwn(fieldKinds, name) && !fieldKinds[name]?.includes(kind))
      return `${name} is not supported by ${kind}`;
  }
  const name = isText(body['model_name']) ? body['model_name'] : defaultModel(kind);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (!model?.kinds.includes(kind)) return invalid('model_name', name);
  return (
    promptRefusal(body) ??
    modeRefusal(kind, name, model, body) ??
    (kind === 'omni-video' ? omniRefusal(name, model, body) : pictureRefusal(kind, name, model, body)) ??
    shotRefusal(model, body)
  );
};

/** What Kling takes when only the old field `model`, or none, is sent. */
const defaultModel = (kind: Kind): string => (kind === 'omni-video' ? 'kling-video-o1' : 'kling-v1');

const hasOwnShots = (body: Body): boolean => body['multi_shot'] === true && body['shot_type'] === 'customize';

const promptRefusal = (body: Body): string | undefined => {
  const prompt = isText(body['prompt']) ? body['prompt'] : '';
  if (prompt.trim() === '' && !hasOwnShots(body)) return 'prompt cannot be blank';
  for (const name of ['prompt', 'negative_prompt'])
    if ([...String(body[name] ?? '')].length > 2_500) return `${name} is longer than 2500 characters`;
  return undefined;
};

/** The mode asked for, or the endpoint's default. */
export const modeOf = (kind: Kind, body: Body): string =>
  isText(body['mode']) ? body['mode'] : kind === 'omni-video' ? 'pro' : 'std';

const modeRefusal = (kind: Kind, name: string, model: Model, body: Body): string | undefined => {
  const mode = modeOf(kind, body);
  if (!model.modes.includes(mode)) return invalid('mode', mode);
  if (body['sound'] !== 'on') return undefined;
  if (!model.sound) return invalid('sound', 'on');
  return name === 'kling-v2-6' && mode !== 'pro' ? invalid('mode', mode) : undefined;
};

const durationOf = (body: Body): string => (isText(body['duration']) ? body['duration'] : '5');

const pictureRefusal = (kind: Kind, name: string, model: Model, body: Body): string | undefined => {
  if (!model.durations.includes(durationOf(body))) return invalid('duration', durationOf(body));
  if (body['camera_control'] !== undefined)
    return 'camera_control is only supported in std mode with 5s duration and kling-v1';
  if (body['static_mask'] !== undefined || body['dynamic_masks'] !== undefined)
    return 'motion brush is not supported by this model';
  if (kind === 'text2video') return undefined;
  if (body['image'] === undefined) return 'image cannot be empty';
  const isOldModel = name !== 'kling-v3';
  if (isOldModel && body['image_tail'] !== undefined && modeOf(kind, body) !== 'pro')
    return invalid('mode', modeOf(kind, body));
  if (name === 'kling-v2-6' && body['image_tail'] !== undefined && body['sound'] === 'on')
    return invalid('sound', 'on');
  if (body['voice_list'] !== undefined && (name !== 'kling-v2-6' || body['sound'] !== 'on'))
    return 'voice_list is not supported by this model or without sound';
  const elements = listIn(body, 'element_list').length;
  return elements > (isOldModel ? 0 : 3) ? 'element_list is not supported or too long' : undefined;
};

const shotRefusal = (model: Model, body: Body): string | undefined => {
  if (body['multi_shot'] !== true) return undefined;
  if (!model.shots) return invalid('multi_shot', true);
  if (body['shot_type'] === undefined) return 'shot_type cannot be empty when multi_shot is true';
  if (!hasOwnShots(body)) return undefined;
  const shots = listIn(body, 'multi_prompt');
  if (shots.length < 1 || shots.length > 6) return 'multi_prompt must have 1 to 6 items';
  const wrong = shots.find(
    ({ index, prompt, duration }) =>
      !Number.isInteger(index) ||
      !isText(prompt) ||
      prompt.length > 512 ||
      !isText(duration) ||
      !/^[1-9]\d?$/.test(duration),
  );
  if (wrong !== undefined) return invalid('multi_prompt', wrong);
  const sum = shots.reduce((seconds, { duration }) => seconds + Number(duration), 0);
  return sum === Number(durationOf(body))
    ? undefined
    : 'the sum of multi_prompt durations must equal duration';
};

const omniRefusal = (name: string, model: Model, body: Body): string | undefined => {
  const pictures = listIn(body, 'image_list');
  const [video] = listIn(body, 'video_list');
  const elements = listIn(body, 'element_list').length;
  const isO1 = name === 'kling-video-o1';
  const first = pictures.filter(({ type }) => type === 'first_frame').length;
  const end = pictures.filter(({ type }) => type === 'end_frame').length;
  const isBase = video !== undefined && video['refer_type'] !== 'feature';
  const wrong = pictures.find(
    ({ image_url, type }) =>
      !isPicture(image_url) || (type !== undefined && type !== 'first_frame' && type !== 'end_frame'),
  );
  if (wrong !== undefined) return invalid('image_list', wrong);
  if (video !== undefined && !/^https?:\/\//.test(String(video['video_url'])))
    return invalid('video_list', video);
  if (first > 1 || end > 1 || end > first) return 'end_frame needs exactly one first_frame';
  if (isBase && first + end > 0) return 'first_frame and end_frame are not supported with a base video';
  if (isBase && body['multi_shot'] === true) return 'multi_shot is not supported with a base video';
  if (video !== undefined && hasOwnShots(body)) return invalid('shot_type', 'customize');
  if (video !== undefined && body['sound'] === 'on') return invalid('sound', 'on');
  if (pictures.length + elements > (video === undefined ? 7 : 4)) return 'too many images and elements';
  if (elements > 3 && first > 0) return 'too many elements with first_frame';
  if (isO1 && end > 0 && (elements > 0 || pictures.length > 2)) return 'end_frame is not supported here';
  const takesShape = first > 0 || isBase;
  if (takesShape && body['aspect_ratio'] !== undefined)
    return 'aspect_ratio is not supported with this input';
  if (!takesShape && body['aspect_ratio'] === undefined) return 'aspect_ratio cannot be empty';
  if (isBase) return undefined;
  const isPlain = video === undefined && elements === 0 && pictures.length === first;
  if (isO1 && isPlain && !fiveOrTen.includes(durationOf(body)))
    return 'Duration only supports 5 or 10 seconds when no refer_image is provided';
  return model.durations.includes(durationOf(body)) ? undefined : invalid('duration', durationOf(body));
};
