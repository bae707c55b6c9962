import type { AssetStore } from '../assets/asset-store.ts';
import type { JsonObject } from '../json.ts';
import type { Workspace } from '../keys/workspace.ts';
import type { ProviderSets } from '../providers/configured.ts';
import type { PreparedVideoRequest } from '../providers/descriptor.ts';
import type { VideoRequest } from '../providers/provider.ts';
import { promptOf } from '../sandbox/prompt.ts';
import type { QueuedVideo, Task, VideoTask } from '../tasks/task.ts';
import type { TaskPrice } from '../tasks/task-money.ts';
import type { CreateOutcome, TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../time.ts';
import { totalMicroUsd } from '../usage/cost.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { RenderTimes } from '../videos/render-times.ts';
import { fingerprint } from './canonical-json.ts';
import type { ApiContext } from './context.ts';
import type { FirstAttempts } from './first-attempts.ts';
import { storeTask } from './held-budget.ts';
import { capOf, createHoldBudget, type HoldBudgetDependencies } from './hold-budget.ts';
import { sizeOfClip } from './openai-video-fields.ts';
import { type Owner, ownershipOf } from './ownership.ts';
import { firstTaskOf, markReplay } from './replay.ts';
import { createReadVideo, type RequestedVideo, type RequestedVideoSettings } from './requested-video.ts';
import { createTakePermit, type TakePermitDependencies } from './take-permit.ts';
import { nameTask, type TaskName } from './task-name.ts';
import { wakeOrLeaveToSweep } from './wake-or-leave.ts';

export type AcceptVideoDependencies = HoldBudgetDependencies &
  TakePermitDependencies & {
    providers: ProviderSets;
    tasks: TaskStore;
    wakeUps: Pick<WakeUps, 'sendSubmit'>;
    assets: Pick<AssetStore, 'putInput'>;
    firstAttempts: FirstAttempts;
    renderTimes: Pick<RenderTimes, 'expect'>;
    prices: PriceList;
    now: Clock;
    settings: AcceptVideoSettings;
  };

type AcceptVideoSettings = RequestedVideoSettings & {
  retentionDays: number;
  /** Overrides the catalogue's render times, and what was learned of them. */
  typicalSeconds: number | undefined;
};

const defaultExpirySeconds = 7_200;
const route = 'video';

/** The task before its pictures are stored. */
type Draft = Omit<QueuedVideo, 'request'>;

/** The task of a request, new or of the first such request, and what was asked for. */
export type AcceptedVideo = { task: VideoTask | Draft; video: RequestedVideo };

/**
 * Accepts a video task at once, in whichever dialect it was asked for. What the answer promises is stored before it is
 * given.
 */
export const createAcceptVideo = (dependencies: AcceptVideoDependencies) => {
  const { tasks, wakeUps, assets, firstAttempts, renderTimes, prices, now, settings } = dependencies;

  const draftTask = (
    { owner, taskId, requestHash }: { owner: Owner; taskId: string; requestHash: string },
    video: RequestedVideo,
    expected: Pick<QueuedVideo, 'typicalSeconds' | 'renderSpread' | 'renderKind'>,
  ): Draft => {
    const { requested, serving, prepared, callback, expirySeconds = defaultExpirySeconds } = video;
    const createdAtMs = now();
    return {
      id: taskId,
      ...ownershipOf(owner, promptOf(prepared.request.parameters)),
      version: 1,
      kind: 'video',
      state: 'queued',
      model: requested.id,
      resolvedModel: serving.id,
      action: prepared.request.action,
      seconds: prepared.clip.seconds,
      size: sizeOfClip(prepared.clip),
      createdAtMs,
      deadlineAtMs: createdAtMs + expirySeconds * secondMs,
      expiresAtSeconds: toEpochSeconds(createdAtMs + settings.retentionDays * dayMs),
      requestHash,
      ...(prepared.callerReference !== undefined && { callerReference: prepared.callerReference }),
      ...(callback !== undefined && { callback }),
      ...expected,
      price: priceOf(video),
      notBeforeMs: createdAtMs,
      attempts: 0,
    };
  };

  const priceOf = ({ serving, estimate }: RequestedVideo): TaskPrice => {
    const unitMicroUsd = prices.unitMicroUsd(serving.id);
    return {
      listMicroUsd: 'reason' in estimate ? null : totalMicroUsd(estimate.parts),
      ...(unitMicroUsd !== undefined && { unitMicroUsd }),
    };
  };

  const expectRender = async (
    { renderKind, typicalSeconds }: PreparedVideoRequest,
    { livemode }: Workspace,
  ) => {
    // The sandbox takes as long as it is told, and teaches nothing.
    if (!livemode) return { typicalSeconds };
    return settings.typicalSeconds === undefined
      ? { renderKind, ...(await renderTimes.expect(renderKind, typicalSeconds)) }
      : { typicalSeconds: settings.typicalSeconds };
  };

  const storePictures = async (
    taskId: string,
    { descriptor, prepared }: RequestedVideo,
  ): Promise<VideoRequest> => {
    const stored = await Promise.all(
      prepared.pictures.map(
        async ({ placeholder, bytes }) => [placeholder, await assets.putInput(taskId, bytes)] as const,
      ),
    );
    return stored.length === 0
      ? prepared.request
      : descriptor.requests.withStoredPictures(prepared.request, new Map(stored));
  };

  const readVideo = createReadVideo(dependencies);
  const takePermit = createTakePermit(dependencies);
  const holdBudget = createHoldBudget(dependencies);

  const accept = async (
    workspace: Workspace,
    draft: Draft,
    video: RequestedVideo,
    name: TaskName,
  ): Promise<CreateOutcome> => {
    // For a task that is there, nothing is reserved again, nor are its pictures stored again.
    const mustLook = video.prepared.pictures.length > 0 || capOf(workspace) !== undefined;
    const earlier = name.mayExist && mustLook ? await tasks.find(name.taskId) : undefined;
    if (earlier !== undefined) return { created: false, existing: earlier };
    const held = await holdBudget(workspace, {
      taskId: name.taskId,
      acceptedAtMs: draft.createdAtMs,
      estimate: video.estimate,
    });
    await name.announce();
    const request = await storePictures(name.taskId, video);
    return storeTask(tasks, { ...draft, request }, held);
  };

  return async (c: ApiContext, body: JsonObject): Promise<AcceptedVideo> => {
    const workspace = c.get('workspace');
    const video = readVideo(c, body);
    const requestHash = fingerprint(body);
    const name = await nameTask(c, { route, requestHash }, firstAttempts);
    const { taskId } = name;
    const expected = await expectRender(video.prepared, workspace);
    const draft = draftTask({ owner: c.var, taskId, requestHash }, video, expected);

    const permit = await takePermit(c);
    if (!permit.allowed) {
      const existing = name.mayExist ? await tasks.find(taskId) : undefined;
      if (existing === undefined) throw permit.refusal;
      return { task: firstTask(c, existing, requestHash), video };
    }
    const outcome = await accept(workspace, draft, video, name);
    if (!outcome.created) {
      permit.giveBack();
      return { task: firstTask(c, outcome.existing, requestHash), video };
    }
    c.get('log').event('task.accepted', { taskId, model: draft.model, action: draft.action });
    await wakeOrLeaveToSweep(c, () => wakeUps.sendSubmit(taskId));
    return { task: draft, video };
  };
};

/** The task of the first request, for one that says it is the same and is. */
const firstTask = (c: ApiContext, existing: Task | 'deleted', requestHash: string): VideoTask => {
  const task = firstTaskOf(existing, requestHash);
  if (task.kind !== 'video') throw new Error(`${task.id} is no video, though its name is one's`);
  markReplay(c);
  return task;
};
