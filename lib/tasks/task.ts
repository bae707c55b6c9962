import * as z from 'zod/mini';
import type { JsonObject } from '../json.ts';
import { queueMembership } from '../queue/membership.ts';
import { callback, delivery } from './delivery.ts';
import { cost, price, reservation } from './task-money.ts';

export const failureCodes = [
  'refused',
  'generation_failed',
  'expired',
  'cancelled',
  'unconfirmed',
  'lost_by_provider',
  'interrupted',
  'failed_by_operator',
] as const;

const action = z.enum(['textGenerate', 'generate', 'omniVideo']);

const failure = z.object({
  status: z.literal('FAILURE'),
  code: z.enum(failureCodes),
  /** In words that the caller may read. */
  reason: z.string(),
});

const common = {
  /** `task_` and 32 characters of `[0-9A-Za-z]`. */
  id: z.string(),
  workspaceId: z.string(),
  /** That of the workspace: `false` where the sandbox works, for nothing. */
  livemode: z.boolean(),
  /** The name of the key that asked for it. */
  keyName: z.string(),
  /** A test key wants all attempts at delivering its event within seconds. */
  fastRetries: z.exactOptional(z.literal(true)),
  /** Counts writes; each one is conditional on the version that it was decided on. */
  version: z.number(),
  /** The public model id as the caller wrote it, and that of the model which serves it. */
  model: z.string(),
  resolvedModel: z.string(),
  createdAtMs: z.number(),
  /** Past this, a task that has not ended fails. */
  deadlineAtMs: z.number(),
  /** When the task may be forgotten. DynamoDB's TTL, in seconds. */
  expiresAtSeconds: z.number(),
  /** Fingerprint of the caller's request body, to recognise a repeat. */
  requestHash: z.string(),
  callback: z.exactOptional(callback),
  /** How long such work takes at the median; basis of progress and polling. */
  typicalSeconds: z.number(),
  delivery: z.exactOptional(delivery),
  /** Absent where the workspace had no cap. */
  reservation: z.exactOptional(reservation),
};

const video = {
  ...common,
  kind: z.literal('video'),
  action,
  /** How long the video is, and its width and height: as asked for, else what the provider makes by itself. */
  seconds: z.number(),
  size: z.string(),
  price,
  /** The caller's own reference (`metadata.external_task_id`), echoed. */
  callerReference: z.exactOptional(z.string()),
  /** How far renders of this kind spread: the standard deviation of their logarithms. Absent: the default. */
  renderSpread: z.exactOptional(z.number()),
  /** Model, mode and length, by which render times are learned; absent where they are not. */
  renderKind: z.exactOptional(z.string()),
};

const notYetAccepted = {
  ...video,
  /** What to make, a `VideoRequest`; erased once the provider has it. */
  request: z.object({ action, upstreamModel: z.string(), parameters: z.custom<JsonObject>() }),
  /** How often it was claimed; tells one claim from another. */
  attempts: z.number(),
  /** What it waits for or holds in `lib/queue`, which alone reads it. */
  membership: z.exactOptional(queueMembership),
};

const queuedVideo = z.object({ ...notYetAccepted, state: z.literal('queued'), notBeforeMs: z.number() });

/** A worker sends the create, or has died over it. */
const submittingVideo = z.object({
  ...notYetAccepted,
  state: z.literal('submitting'),
  leaseUntilMs: z.number(),
  /** Since when it is due, as the due index says. */
  notBeforeMs: z.number(),
  /** When the intention to create was recorded. */
  sentAtMs: z.number(),
  /** When an earlier create was sent that was neither answered nor found. */
  lostCreateAtMs: z.exactOptional(z.number()),
  /** A provider webhook came that may tell of an end. */
  endReported: z.exactOptional(z.literal(true)),
});

/** A create was sent and its answer lost: it is looked up before anything else. */
const unconfirmedVideo = z.object({
  ...notYetAccepted,
  state: z.literal('unconfirmed'),
  /** When that create was sent. */
  sentAtMs: z.number(),
  notBeforeMs: z.number(),
  /** A worker looks it up until then. */
  leaseUntilMs: z.exactOptional(z.number()),
  endReported: z.exactOptional(z.literal(true)),
});

/** What the provider has: a `ProviderOperation`, since when, and since when it is seen rendering. */
const render = z.object({
  operation: z.object({ action, id: z.string() }),
  submittedAtMs: z.number(),
  startedAtMs: z.exactOptional(z.number()),
});

const runningVideo = z.object({
  ...video,
  state: z.literal('running'),
  render,
  membership: notYetAccepted.membership,
  /** The generation of its poll messages; a message of another one is stale. */
  pollGeneration: z.number(),
  /** If no poll took place by then, the sweep starts a new generation. */
  pollOverdueAtMs: z.number(),
  /** What the provider's webhooks told so far; absent: none reached us. */
  webhooks: z.exactOptional(
    z.object({
      /** How many made us look. */
      looks: z.number(),
      /** When the last of those looks was, or will be. */
      lookAtMs: z.exactOptional(z.number()),
      /** It may tell of an end: looks go on until the provider shows it. */
      endReported: z.exactOptional(z.literal(true)),
    }),
  ),
  /** The provider's link to a video that is ready, while copying it has failed so far. */
  uncopiedUrl: z.exactOptional(z.string()),
  /** What the provider charged for it. */
  uncopiedUnits: z.exactOptional(z.string()),
  /** A worker copies the video until then. */
  leaseUntilMs: z.exactOptional(z.number()),
});

const endedVideo = z.object({
  ...video,
  state: z.literal('ended'),
  endedAtMs: z.number(),
  cost: z.exactOptional(cost),
  /** Absent where the provider never had it, as far as we know. */
  render: z.exactOptional(render),
  result: z.discriminatedUnion('status', [
    z.object({ status: z.literal('SUCCESS'), url: z.string() }),
    failure,
  ]),
});

/** Images are made by one long call to a provider, which cannot be asked about it. */
const image = { ...common, kind: z.literal('image') };

/** What to make: the models to try in turn by their public ids, and the request as the API read it. */
const imageWork = z.object({ models: z.array(z.string()), request: z.custom<JsonObject>() });

const unfinishedImage = { ...image, work: imageWork, attempts: z.number() };

const queuedImage = z.object({
  ...unfinishedImage,
  state: z.literal('queued'),
  notBeforeMs: z.number(),
  /** When the first attempt began, of which nothing came. */
  startedAtMs: z.exactOptional(z.number()),
});

/** A worker waits for the provider, or has died over it. */
const submittingImage = z.object({
  ...unfinishedImage,
  state: z.literal('submitting'),
  leaseUntilMs: z.number(),
  startedAtMs: z.number(),
});

const madeImage = z.object({ url: z.string(), revisedPrompt: z.exactOptional(z.string()) });

const endedImage = z.object({
  ...image,
  state: z.literal('ended'),
  endedAtMs: z.number(),
  cost: z.exactOptional(cost),
  startedAtMs: z.exactOptional(z.number()),
  result: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('SUCCESS'),
      images: z.array(madeImage).check(z.minLength(1)),
      /** What of the request was not done as asked, and what else the caller should know. */
      warnings: z.exactOptional(z.array(z.string())),
    }),
    failure,
  ]),
});

/** What a task keeps for good; parsing by it leaves out whatever else a state has, the prompt too. */
export const videoIdentity = z.object(video);
export const imageIdentity = z.object(image);
/** The same of a video that its provider does not have yet. */
export const waitingVideo = z.object(notYetAccepted);

const videoStates = [queuedVideo, submittingVideo, unconfirmedVideo, runningVideo, endedVideo] as const;
const imageStates = [queuedImage, submittingImage, endedImage] as const;

/** What a stored task looks like. From 0.2.0 on fields are only ever added, and then optional. */
export const taskSchema = z.discriminatedUnion('kind', [
  z.discriminatedUnion('state', videoStates),
  z.discriminatedUnion('state', imageStates),
]);

/** The names of everything that a task may have in one of its states. */
export const taskFields: readonly string[] = [
  ...new Set([...videoStates, ...imageStates].flatMap(({ shape }) => Object.keys(shape))),
];

/** One accepted generation request and its state: the only truth about it. */
export type Task = z.infer<typeof taskSchema>;
export type VideoTask = Extract<Task, { kind: 'video' }>;
export type ImageTask = Extract<Task, { kind: 'image' }>;
export type QueuedVideo = z.infer<typeof queuedVideo>;
export type SubmittingVideo = z.infer<typeof submittingVideo>;
export type UnconfirmedVideo = z.infer<typeof unconfirmedVideo>;
export type RunningVideo = z.infer<typeof runningVideo>;
/** A video that its provider does not have, as far as we know. */
export type WaitingVideo = QueuedVideo | SubmittingVideo | UnconfirmedVideo;
export type QueuedImage = z.infer<typeof queuedImage>;
export type SubmittingImage = z.infer<typeof submittingImage>;
export type EndedVideo = z.infer<typeof endedVideo>;
export type EndedTask = Extract<Task, { state: 'ended' }>;
export type UnfinishedTask = Exclude<Task, EndedTask>;
export type UnfinishedImage = Extract<UnfinishedTask, { kind: 'image' }>;

export type VideoAction = VideoTask['action'];
export type TaskImage = z.infer<typeof madeImage>;
export type Failure = z.infer<typeof failure>;
export type TaskReservation = z.infer<typeof reservation>;

export const isWaiting = (task: Task): task is WaitingVideo =>
  task.kind === 'video' && task.state !== 'running' && task.state !== 'ended';
export const isEnded = (task: Task): task is EndedTask => task.state === 'ended';
