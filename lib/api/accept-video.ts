import type { AssetStore } from '../assets/asset-store.ts';
import type { JsonObject } from '../json.ts';
import type { Workspace } from '../keys/workspace.ts';
import type { ProviderSets } from '../providers/configured.ts';
import type { VideoRequest } from '../providers/provider.ts';
import type { Task, VideoTask } from '../tasks/task.ts';
import type { CreateOutcome, TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import type { PriceList } from '../usage/price-list.ts';
import { fingerprint } from './canonical-json.ts';
import type { ApiContext } from './context.ts';
import { createDraftVideo, type DraftVideoDependencies, type VideoDraft } from './draft-video.ts';
import type { FirstAttempts } from './first-attempts.ts';
import { capOf, createHoldBudget, type HoldBudgetDependencies } from './hold-budget.ts';
import { firstTaskOf, markReplay } from './replay.ts';
import { createReadVideo, type RequestedVideo, type RequestedVideoSettings } from './requested-video.ts';
import { createTakePermit, type TakePermitDependencies } from './take-permit.ts';
import { nameTask, type TaskName } from './task-name.ts';
import { wakeOrLeaveToSweep } from './wake-or-leave.ts';

export type AcceptVideoDependencies = DraftVideoDependencies &
  TakePermitDependencies &
  HoldBudgetDependencies & {
    providers: ProviderSets;
    tasks: TaskStore;
    wakeUps: Pick<WakeUps, 'sendSubmit'>;
    assets: Pick<AssetStore, 'putInput'>;
    firstAttempts: FirstAttempts;
    prices: PriceList;
    settings: RequestedVideoSettings;
  };

const route = 'video';

/** The task of a request, new or of the first such request, and what was asked for. */
export type AcceptedVideo = { task: VideoTask | VideoDraft; video: RequestedVideo };

/**
 * Accepts a video task at once, in whichever dialect it was asked for. What the answer promises is stored before it is
 * given.
 */
export const createAcceptVideo = (dependencies: AcceptVideoDependencies) => {
  const { tasks, wakeUps, assets, firstAttempts } = dependencies;
  const readVideo = createReadVideo(dependencies);
  const draftVideo = createDraftVideo(dependencies);
  const takePermit = createTakePermit(dependencies);
  const holdBudget = createHoldBudget(dependencies);

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

  const store = async (
    workspace: Workspace,
    name: TaskName,
    draft: VideoDraft,
    video: RequestedVideo,
  ): Promise<CreateOutcome> => {
    const { id: taskId, createdAtMs: acceptedAtMs } = draft;
    const held = await holdBudget(workspace, { taskId, acceptedAtMs, estimate: video.estimate });
    await name.announce();
    const request = await storePictures(taskId, video);
    const task = { ...draft, request };
    return held?.store(tasks, task) ?? tasks.create(task);
  };

  return async (c: ApiContext, body: JsonObject): Promise<AcceptedVideo> => {
    const workspace = c.get('workspace');
    const video = readVideo(c, body);
    const requestHash = fingerprint(body);
    const name = await nameTask(c, { route, requestHash }, firstAttempts);
    const { taskId } = name;
    const draft = await draftVideo(c.var, { taskId, requestHash }, video);
    const permit = await takePermit(c);
    // A task that is there needs no permit; nothing is reserved for it again, nor are its pictures stored again.
    const mustLook = !permit.allowed || video.prepared.pictures.length > 0 || capOf(workspace) !== undefined;
    const existing = name.mayExist && mustLook ? await tasks.find(taskId) : undefined;
    if (existing === undefined && !permit.allowed) throw permit.refusal;
    const outcome: CreateOutcome =
      existing === undefined ? await store(workspace, name, draft, video) : { created: false, existing };
    if (!outcome.created) {
      if (permit.allowed) permit.giveBack();
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
