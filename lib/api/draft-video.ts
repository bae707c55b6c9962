import { promptOf } from '../sandbox/prompt.ts';
import type { QueuedVideo } from '../tasks/task.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../time.ts';
import { totalMicroUsd } from '../usage/cost.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { RenderTimes } from '../videos/render-times.ts';
import { sizeOfClip } from './openai-video-fields.ts';
import { type Owner, ownershipOf } from './ownership.ts';
import type { RequestedVideo } from './requested-video.ts';

export type DraftVideoDependencies = {
  renderTimes: Pick<RenderTimes, 'expect'>;
  prices: Pick<PriceList, 'unitMicroUsd'>;
  now: Clock;
  settings: {
    retentionDays: number;
    /** Overrides the catalogue's render times, and what was learned of them. */
    typicalSeconds: number | undefined;
  };
};

const defaultExpirySeconds = 7_200;

/** The task before its pictures are stored. */
export type VideoDraft = Omit<QueuedVideo, 'request'>;

/** Writes the task of a request, with how long it will take and what it is to cost. */
export const createDraftVideo = ({ renderTimes, prices, now, settings }: DraftVideoDependencies) => {
  const expectRender = async (
    { renderKind, typicalSeconds }: RequestedVideo['prepared'],
    livemode: boolean,
  ) => {
    // The sandbox takes as long as it is told, and teaches nothing.
    if (!livemode) return { typicalSeconds };
    return settings.typicalSeconds === undefined
      ? { renderKind, ...(await renderTimes.expect(renderKind, typicalSeconds)) }
      : { typicalSeconds: settings.typicalSeconds };
  };

  return async (
    owner: Owner,
    { taskId, requestHash }: { taskId: string; requestHash: string },
    {
      requested,
      serving,
      prepared,
      estimate,
      callback,
      expirySeconds = defaultExpirySeconds,
    }: RequestedVideo,
  ): Promise<VideoDraft> => {
    const expected = await expectRender(prepared, owner.workspace.livemode);
    const unitMicroUsd = prices.unitMicroUsd(serving.id);
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
      price: {
        listMicroUsd: 'reason' in estimate ? null : totalMicroUsd(estimate.parts),
        ...(unitMicroUsd !== undefined && { unitMicroUsd }),
      },
      notBeforeMs: createdAtMs,
      attempts: 0,
    };
  };
};
