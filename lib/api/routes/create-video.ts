import type { AssetStore } from '../../assets/asset-store.ts';
import { ApiError, invalidRequest, type Problem } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { RateLimiter } from '../../keys/rate-limit.ts';
import { withStoredPictures } from '../../providers/kling/picture-places.ts';
import { type PreparedVideoRequest, prepareVideoRequest } from '../../providers/kling/video-request.ts';
import type { VideoRequest } from '../../providers/provider.ts';
import type { Task, TaskCallback } from '../../tasks/task.ts';
import { newTaskId, taskIdForKey } from '../../tasks/task-id.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../../time.ts';
import { fingerprint } from '../canonical-json.ts';
import type { ApiContext } from '../context.ts';
import { readIdempotencyKey } from '../idempotency-key.ts';
import { readJsonBody } from '../json-body.ts';
import { rateLimited } from '../middleware.ts';
import { requestedCallback } from '../requested-callback.ts';
import { servingModel, unavailableModel } from '../serving-model.ts';
import { setModelHeader } from '../task-headers.ts';
import { readBody, videoBody } from '../video-body.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

export type CreateVideoDependencies = {
  tasks: TaskStore;
  wakeUps: WakeUps;
  assets: Pick<AssetStore, 'putInput'>;
  limiter: RateLimiter;
  now: Clock;
  settings: CreateVideoSettings;
};

export type CreateVideoSettings = {
  /** Without credentials nothing can be made. */
  isProviderConfigured: boolean;
  createsPerMinute: number;
  retentionDays: number;
  allowPrivateUrls: boolean;
  extraFields: readonly string[];
  /** Overrides the catalogue's render times. */
  typicalSeconds: number | undefined;
};

const defaultExpirySeconds = 7_200;
const route = 'video';

type Draft = { prepared: PreparedVideoRequest; task: Task };

/** `POST /v1/video/generations`: accepts a task at once. What the answer promises is stored before it is given. */
export const createCreateVideo = (dependencies: CreateVideoDependencies) => {
  const { tasks, wakeUps, assets, limiter, now, settings } = dependencies;

  const readRequest = (c: ApiContext, body: JsonObject): Draft => {
    const { value, problems } = readBody(videoBody, body);
    if (typeof body['model'] !== 'string') throw refused([...problems, ...missingPrompt(body)]);
    const { requested, serving } = servingModel(body['model'], 'video', now());
    if (!settings.isProviderConfigured)
      throw unavailableModel(requested.id, 'this gateway has no Kling account');
    const prepared = prepareVideoRequest({
      model: requested,
      serving,
      prompt: body['prompt'],
      image: body['image'],
      metadata: body['metadata'],
      extraFields: settings.extraFields,
      allowPrivateUrls: settings.allowPrivateUrls,
    });
    const wish = requestedCallback({
      url: value?.callback_url,
      metadataUrl: 'problems' in prepared ? undefined : prepared.callbackUrl,
      defaultUrl: c.get('workspace').callbackUrl,
      events: value?.callback_events,
      allowPrivate: settings.allowPrivateUrls,
    });
    if (value === undefined || 'problems' in prepared || wish.problems.length > 0)
      throw refused([...('problems' in prepared ? prepared.problems : []), ...problems, ...wish.problems]);
    const task = draftTask(c, body, {
      expirySeconds: value.expires_after,
      prepared,
      callback: wish.callback,
    });
    return { prepared, task: { ...task, model: requested.id, resolvedModel: serving.id } };
  };

  type Parts = {
    prepared: PreparedVideoRequest;
    callback: TaskCallback | undefined;
    expirySeconds: number | undefined;
  };

  const draftTask = (c: ApiContext, body: JsonObject, { prepared, callback, expirySeconds }: Parts) => {
    const workspaceId = c.get('workspace').id;
    const idempotencyKey = readIdempotencyKey(c);
    const createdAtMs = now();
    return {
      id: idempotencyKey === undefined ? newTaskId() : taskIdForKey(workspaceId, route, idempotencyKey),
      workspaceId,
      version: 1,
      action: prepared.request.action,
      status: 'NOT_START' as const,
      createdAtMs,
      deadlineAtMs: createdAtMs + (expirySeconds ?? defaultExpirySeconds) * secondMs,
      expiresAtSeconds: toEpochSeconds(createdAtMs + settings.retentionDays * dayMs),
      requestHash: fingerprint(body),
      ...(prepared.callerReference !== undefined && { callerReference: prepared.callerReference }),
      ...(callback !== undefined && { callback }),
      typicalSeconds: settings.typicalSeconds ?? prepared.typicalSeconds,
      submission: { notBeforeMs: createdAtMs, attempts: 0, lookUps: 0 },
      pollChain: 0,
    };
  };

  const storePictures = async (taskId: string, prepared: PreparedVideoRequest): Promise<VideoRequest> => {
    const stored = await Promise.all(
      prepared.pictures.map(
        async ({ placeholder, bytes }) => [placeholder, await assets.putInput(taskId, bytes)] as const,
      ),
    );
    return stored.length === 0 ? prepared.request : withStoredPictures(prepared.request, new Map(stored));
  };

  const answer = (c: ApiContext, task: Task, prepared: PreparedVideoRequest): Response => {
    setModelHeader(c, task);
    if (prepared.ignored.length > 0) c.header('x-clear-ignored-metadata', headerList(prepared.ignored));
    return c.json({
      id: task.id,
      task_id: task.id,
      object: 'video',
      model: task.model,
      status: 'queued',
      progress: 0,
      created_at: toEpochSeconds(task.createdAtMs),
    });
  };

  /** The first answer again, if the same key came with the same body before. */
  const replay = (c: ApiContext, existing: Task, { task, prepared }: Draft): Response => {
    if (existing.requestHash !== task.requestHash) throw keyReused();
    c.header('idempotent-replayed', 'true');
    return answer(c, existing, prepared);
  };

  const takePermit = async (c: ApiContext, draft: Draft): Promise<{ giveBack: () => void } | Response> => {
    const workspace = c.get('workspace');
    const limit = workspace.rateLimitPerMinute ?? settings.createsPerMinute;
    const permit = await limiter.take(workspace.id, 'create', limit);
    if (permit.allowed) return permit;
    const existing = await tasks.find(draft.task.id);
    if (existing !== undefined) return replay(c, existing, draft);
    throw rateLimited(limit, permit.retryAfterSeconds);
  };

  return async (c: ApiContext): Promise<Response> => {
    const draft = readRequest(c, await readJsonBody(c));
    const permit = await takePermit(c, draft);
    if (permit instanceof Response) return permit;
    const request = await storePictures(draft.task.id, draft.prepared);
    const task = { ...draft.task, request };
    const outcome = await tasks.create(task);
    if (!outcome.created) {
      permit.giveBack();
      return replay(c, outcome.existing, draft);
    }
    c.get('log').info('task accepted', { taskId: task.id, model: task.model, action: task.action });
    await wakeOrLeaveToSweep(c, () => wakeUps.submit({ taskId: task.id }));
    return answer(c, task, draft.prepared);
  };
};

/** Without a model there are no rules to read the rest by, but a prompt is needed by all of them. */
const missingPrompt = ({ prompt }: JsonObject): Problem[] =>
  typeof prompt === 'string' && prompt.trim() !== ''
    ? []
    : [{ param: 'prompt', message: 'must be the text that describes the video.' }];

const refused = (problems: readonly Problem[]): ApiError => {
  const [first, ...more] = problems;
  if (first === undefined) throw new Error('a request was refused without a reason');
  return invalidRequest([first, ...more]);
};

const keyReused = (): ApiError =>
  new ApiError(
    'This Idempotency-Key was used before with another body. Use a new key for a new request, or repeat the first body.',
    {
      status: 409,
      code: 'idempotency_key_reused',
      param: 'Idempotency-Key',
      headers: { 'x-should-retry': 'false' },
    },
  );

/** The names come from the caller: nothing but visible ASCII may stand in a header. */
const headerList = (names: readonly string[]): string =>
  names
    .map((name) => name.replace(/[^\x21-\x2b\x2d-\x7e]/g, '?').slice(0, 64))
    .slice(0, 20)
    .join(', ');
