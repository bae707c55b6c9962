import { invalidRequest, type Problem } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { chosenBy, type ProviderSets } from '../providers/configured.ts';
import type { PreparedVideoRequest, VideoDescriptor } from '../providers/descriptor.ts';
import type { VideoModel } from '../providers/model.ts';
import { isGiven, readFields } from '../providers/read-fields.ts';
import type { TaskCallback } from '../tasks/delivery.ts';
import type { Clock } from '../time.ts';
import { type Estimate, estimateVideo } from '../usage/estimate.ts';
import type { PriceList } from '../usage/price-list.ts';
import { readBySchema } from './body/read-by-schema.ts';
import type { CallbackSettings } from './callback-url-rules.ts';
import type { ApiContext } from './context.ts';
import { unknownFieldWarnings } from './ignored-fields.ts';
import { namingSizes, openAiVideoFields } from './openai-video-fields.ts';
import { requestedCallback } from './requested-callback.ts';
import { servingModel, unavailableModel } from './serving-model.ts';
import { videoBody } from './video-body.ts';
import { gatherVideoFields, type VideoFields } from './video-fields.ts';

/** What a caller asks for, complete and checked. */
export type RequestedVideo = {
  requested: VideoModel;
  serving: VideoModel;
  /** Who makes it. */
  descriptor: VideoDescriptor<boolean>;
  prepared: PreparedVideoRequest;
  /** What it is expected to cost. */
  estimate: Estimate;
  callback: TaskCallback | undefined;
  expirySeconds: number | undefined;
  /** Top-level fields that were ignored; those of metadata are in `prepared`. */
  ignored: readonly string[];
  /** What was asked for and is not done, in sentences. */
  warnings: readonly string[];
};

export type RequestedVideoSettings = CallbackSettings & {
  /** By provider: `metadata` fields that are passed on although nothing is known of them. */
  extraFields: Readonly<Record<string, readonly string[]>>;
};

const maxRequestBytes = 200 * 1024;

type Dependencies = {
  providers: ProviderSets;
  prices: Pick<PriceList, 'of'>;
  now: Clock;
  settings: RequestedVideoSettings;
};

/**
 * Reads the body of a video request.
 *
 * @throws ApiError that names everything that is wrong with it, or says that its model cannot be had.
 */
export const createReadVideo =
  ({ providers, prices, now, settings }: Dependencies) =>
  (c: ApiContext, body: JsonObject): RequestedVideo => {
    const { allowPrivateUrls, extraFields } = settings;
    const { registry, videoProviders } = chosenBy(providers, c.get('workspace'));
    const { value, problems } = readBySchema(videoBody, body);
    const fields = gatherVideoFields(body, metadataNamesOf(registry.videos));
    const { model, metadata } = body;
    const { callback, problems: callbackProblems } = requestedCallback(c, settings, {
      url: textOrNone(body['callback_url']),
      metadataUrl: textOrNone(isJsonObject(metadata) ? metadata['callback_url'] : undefined),
      events: value?.callback_events,
    });
    const ownProblems = [...fields.problems, ...problems];
    if (typeof model !== 'string')
      throw invalidRequest([
        ...ownProblems.map((problem) => namingModels(problem, registry.videos)),
        ...problemsWithoutModel(fields, registry.videos, allowPrivateUrls),
        ...callbackProblems,
      ]);
    const { requested, serving } = servingModel(registry, model, 'video', now());
    const descriptor = registry.videos.find(({ name }) => name === serving.provider);
    if (descriptor === undefined || !videoProviders.has(descriptor.name))
      throw unavailableModel(requested.id, 'this gateway has no account with its provider');
    const prepared = descriptor.requests.prepare({
      model: requested,
      serving,
      prompt: fields.prompt,
      image: fields.image,
      metadata: fields.metadata,
      extraFields: extraFields[descriptor.name] ?? [],
      allowPrivateUrls,
    });
    const isPrepared = !('problems' in prepared);
    const preparedProblems = (isPrepared ? sizeProblems(prepared) : prepared.problems).map(
      fields.inCallersWords,
    );
    const allProblems = [...preparedProblems, ...ownProblems, ...callbackProblems].map(
      namingSizes(body['size'], requested),
    );
    if (value === undefined || !isPrepared || allProblems.length > 0) throw invalidRequest(allProblems);
    return {
      requested,
      serving,
      descriptor,
      prepared,
      estimate: estimateVideo(prices, serving.id, prepared.priced),
      callback,
      expirySeconds: value.expires_after,
      ignored: fields.unknown,
      warnings: warningsOf(fields, prepared, metadataNamesOf([descriptor])),
    };
  };

const maxExamples = 3;

/** There is no default model: who names none is shown some. */
const namingModels = (problem: Problem, descriptors: readonly VideoDescriptor<boolean>[]): Problem => {
  if (problem.param !== 'model') return problem;
  const ids = descriptors.flatMap(({ models }) => models.map(({ id }) => id));
  return {
    param: 'model',
    message: `must be the id of a video model, such as ${ids.slice(-maxExamples).join(' or ')}; GET /v1/models lists them.`,
  };
};

const metadataNamesOf = (descriptors: readonly VideoDescriptor<boolean>[]): ReadonlySet<string> =>
  new Set(descriptors.flatMap(({ requests }) => Object.keys(requests.fields(false).metadata)));

const warningsOf = (
  fields: VideoFields,
  { ignored }: PreparedVideoRequest,
  metadataNames: ReadonlySet<string>,
): string[] => {
  const paramOf = (name: string) => fields.inCallersWords({ param: `metadata.${name}`, message: '' }).param;
  const unknown = ignored.filter((name) => !metadataNames.has(name));
  const leftOut = ignored.filter((name) => metadataNames.has(name));
  return [
    ...unknownFieldWarnings(
      [...fields.unknown, ...unknown.map(paramOf)],
      [...Object.keys(videoBody.shape), ...openAiVideoFields, ...metadataNames],
    ),
    ...leftOut
      .map(paramOf)
      .map((param) => `${param} was left out: the picture or video that was given decides it.`),
  ];
};

const textOrNone = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** A task is one item of the table, which takes 400 KB. Only fields that are passed on unread can be that large. */
const sizeProblems = ({ request }: PreparedVideoRequest): Problem[] =>
  Buffer.byteLength(JSON.stringify(request)) > maxRequestBytes
    ? [{ param: 'metadata', message: `holds more than ${maxRequestBytes / 1024} KB; make it smaller.` }]
    : [];

/** What is wrong with a field whatever the model. */
const problemsWithoutModel = (
  { prompt = null, image = null, metadata = null, inCallersWords }: VideoFields,
  descriptors: readonly VideoDescriptor<boolean>[],
  allowPrivateUrls: boolean,
): Problem[] => {
  const bag = isJsonObject(metadata) ? metadata : {};
  const [first = [], ...others] = descriptors.map(({ requests }) => {
    const fields = requests.fields(allowPrivateUrls);
    const top = readFields(fields.topLevel, { prompt, image }, '');
    return [...top.problems, ...readFields(fields.metadata, bag, 'metadata.').problems];
  });
  const isWrongForAll = ({ param }: Problem) =>
    others.every((problems) => problems.some((problem) => problem.param === param));
  return [
    ...(isGiven(prompt) ? [] : [{ param: 'prompt', message: 'is needed: say what the video shows.' }]),
    ...first.filter(isWrongForAll).map(inCallersWords),
  ];
};
