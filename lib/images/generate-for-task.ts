import type { AssetStore } from '../assets/asset-store.ts';
import { fileLinkPath } from '../assets/file-link.ts';
import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import { missingAccount } from '../providers/accounts.ts';
import { chosenBy, type ProviderSets } from '../providers/configured.ts';
import { type ImageRequest, imageRequest } from '../providers/image-provider.ts';
import type { Task, TaskImage } from '../tasks/task.ts';
import type { TaskCost } from '../tasks/task-money.ts';
import { type Clock, secondMs } from '../time.ts';
import { type Candidate, chainCandidates } from './candidates.ts';
import { waitSecondsOf, wordsOf } from './failure-words.ts';
import { generateImages } from './generate-images.ts';
import type { ImagesOutcome } from './image-task.ts';
import { warningsOn } from './notes.ts';
import type { Making, NotMade } from './outcome.ts';
import type { PrepareImages } from './process-image-task.ts';
import { type KeptImage, storeImages } from './store-images.ts';

type GenerateForTaskDependencies = {
  providers: ProviderSets;
  assets: Pick<AssetStore, 'putImage'>;
  linkSigningKey: string;
  /** What it cost to make them. */
  costOf: (making: Making) => TaskCost;
  /** Where the links to images lead. */
  publicUrl: string;
  now: Clock;
  log: Log;
};

type Prepared = {
  registry: ProviderSets['live' | 'test']['registry'];
  request: ImageRequest;
  candidates: readonly Candidate[];
};

/** Makes the images of a task as for a caller who waits, with links that work as long as the task is kept. */
export const createGenerateForTask = (dependencies: GenerateForTaskDependencies): PrepareImages => {
  const { providers, assets, costOf, linkSigningKey, publicUrl, now, log } = dependencies;

  const generate = async (
    task: Task,
    { registry, request, candidates: [first, ...others] }: Prepared,
  ): Promise<ImagesOutcome> => {
    if (first === undefined)
      return {
        status: 'failed',
        reason: `${task.model} can no longer be served here. Choose another model.`,
      };
    const making = await generateImages([first, ...others], request, {
      ...registry,
      now,
      log: log.with(modeFields(task)),
    });
    if (making.status === 'not-made') return outcomeOf(making);
    const stored = await storeImages(making, { assets, kind: 'result', log });
    if (stored.status === 'not-made') return outcomeOf(stored, costOf(making));
    const linkOf = ({ fileId, revisedPrompt }: KeptImage): TaskImage => ({
      url: publicUrl + fileLinkPath(fileId, task.expiresAtSeconds * secondMs, linkSigningKey),
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    });
    return {
      status: 'made',
      images: stored.kept.map(linkOf),
      servedBy: making.candidate.serving.id,
      warnings: warningsOn(making, { count: stored.kept.length, request }),
      cost: costOf(making),
    };
  };

  return (task) => {
    const { registry, imageProviders } = chosenBy(providers, task);
    // Messages for a provider that was taken away wait for it, and end among the dead letters.
    if (Object.keys(imageProviders).length === 0) throw missingAccount(registry.images);
    const request = imageRequest.parse(task.work.request);
    const options = { registry, providers: imageProviders, request, nowMs: now() };
    const prepared = { registry, request, candidates: chainCandidates(task.work.models, options) };
    return () => generate(task, prepared);
  };
};

const unknownCost: TaskCost = { microUsd: null };

/** Asks again only where nothing can have been charged and the same request may work later. `charged`: what may have been. */
const outcomeOf = (notMade: NotMade, charged = unknownCost): ImagesOutcome => {
  const { failure, mayHaveBeenPaid } = notMade;
  const reason = wordsOf(notMade);
  if (mayHaveBeenPaid) return { status: 'failed', reason, cost: charged };
  if (failure.status === 'busy')
    return { status: 'come-back', reason, afterSeconds: waitSecondsOf(failure.retryAfterSeconds) };
  return { status: failure.status === 'failed' ? 'come-back' : 'failed', reason };
};
