import { isBlank } from '../../blank-text.ts';
import type { Problem } from '../../errors.ts';
import { textProblem } from '../../field-problems.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { PreparedVideoRequest, VideoRequestInput } from '../descriptor.ts';
import { ownModel } from '../model.ts';
import { type FieldReading, isGiven, readFields } from '../read-fields.ts';
import { chooseAction, createDraft, type Draft, hasOwnShots } from './draft.ts';
import { metadataFields, type SettingName, topLevelFields } from './fields.ts';
import { klingModels, typicalRenderSeconds, type VideoMode } from './models.ts';
import { createParameters, isIgnored } from './parameters.ts';
import { checkRules, paramOf } from './rule.ts';
import { rules } from './rules.ts';

/**
 * Reads a request for a Kling video by the rules of its model, and says either everything that is wrong with it
 * or what to send. Without a problem it asks Kling for exactly what the caller asked for.
 */
export const prepareVideoRequest = (
  input: VideoRequestInput,
): { problems: readonly Problem[] } | PreparedVideoRequest => {
  const { allowPrivateUrls } = input;
  const model = ownModel(klingModels, input.model);
  const metadata = isJsonObject(input.metadata) ? input.metadata : {};
  const top = readFields(
    topLevelFields(allowPrivateUrls),
    { prompt: input.prompt ?? null, image: input.image ?? null },
    '',
  );
  const bag = readFields(metadataFields(allowPrivateUrls), metadata, 'metadata.');
  const draft = createDraft({
    model,
    action: chooseAction(model, isGiven(input.image) || isGiven(metadata['image_tail'])),
    prompt: top.values.prompt ?? '',
    image: top.values.image,
    settings: bag.values,
  });
  const broken = [...top.broken, ...bag.broken];
  const problems = [
    ...promptProblems(draft, top),
    ...top.problems,
    ...metadataProblems(input),
    ...bag.problems,
    ...checkRules(rules, draft, broken),
  ];
  return problems.length > 0 ? { problems } : prepared(input, draft, metadata, bag.unknown);
};

const promptProblems = (
  { prompt, settings }: Draft,
  { broken }: FieldReading<ReturnType<typeof topLevelFields>>,
): Problem[] =>
  !isBlank(prompt) || broken.includes('prompt') || hasOwnShots(settings)
    ? []
    : [{ param: 'prompt', message: 'is needed and must not be blank: say what the video shows.' }];

/** Kling's own names for the two fields that stand beside `metadata`: ignored there, they would be missed. */
const misplaced = ['prompt', 'image'] as const;

const metadataProblems = ({ metadata }: VideoRequestInput): Problem[] => {
  if (!isGiven(metadata)) return [];
  if (!isJsonObject(metadata)) {
    const message = textProblem(metadata, 'object') ?? 'must be an object of parameters.';
    return [{ param: 'metadata', message }];
  }
  return misplaced
    .filter((name) => isGiven(metadata[name]))
    .map((name) => ({ param: `metadata.${name}`, message: `belongs beside metadata, as ${paramOf(name)}.` }));
};

/** What names the model and the task upstream is ours alone. */
const neverPassedOn = new Set(['model', 'model_name', ...misplaced]);

const prepared = (
  { serving: servingModel, extraFields }: VideoRequestInput,
  draft: Draft,
  metadata: JsonObject,
  unknown: readonly string[],
): PreparedVideoRequest => {
  const serving = ownModel(klingModels, servingModel);
  const mode = draft.mode ?? serving.abilities.defaultMode ?? 'std';
  const isExtra = (name: string) => extraFields.includes(name) && !neverPassedOn.has(name);
  const { parameters, pictures } = createParameters(draft);
  const extra = Object.entries(metadata).filter(([name]) => unknown.includes(name) && isExtra(name));
  const { settings } = draft;
  const leftOut = (['aspect_ratio', 'duration'] satisfies SettingName[]).filter(
    (name) => settings[name] !== undefined && isIgnored(name, draft),
  );
  return {
    request: {
      action: draft.action,
      upstreamModel: serving.upstreamId,
      parameters: { ...parameters, ...Object.fromEntries(extra) },
    },
    pictures,
    ignored: [...unknown.filter((name) => !isExtra(name)), ...leftOut],
    ...(settings.external_task_id !== undefined && { callerReference: settings.external_task_id }),
    ...(settings.callback_url !== undefined && { callbackUrl: settings.callback_url }),
    clip: {
      seconds: draft.durationSeconds,
      aspectRatio: settings.aspect_ratio ?? '16:9',
      mode: draft.mode ?? 'std',
    },
    priced: pricedBy(draft, mode),
    typicalSeconds: typicalRenderSeconds(serving, mode, draft.durationSeconds),
    renderKind: [serving.id, mode, draft.durationSeconds].join('#'),
  };
};

/** The length of an edit is that of the video that is edited, which nobody here knows. */
const pricedBy = (
  { settings, durationSeconds, video }: Draft,
  mode: VideoMode,
): PreparedVideoRequest['priced'] => ({
  ...(video !== 'base' && { seconds: durationSeconds }),
  traits: {
    mode,
    sound: settings.sound ?? 'off',
    video_input: video === undefined ? 'no' : 'yes',
    voices: settings.voice_list === undefined ? 'no' : 'yes',
  },
});
