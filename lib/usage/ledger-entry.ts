import * as z from 'zod/mini';
import type { EndedTask } from '../tasks/task.ts';
import { amountMade } from '../tasks/task-data.ts';

/** What one task, or one request that was answered with its images, came to. */
export const ledgerEntry = z.object({
  /** The model that made it, by its public id. */
  model: z.string(),
  /** The name of the key that asked for it. */
  keyName: z.string(),
  seconds: z.number(),
  images: z.number(),
  /** `null`: nobody knows. Of test keys always 0. */
  microUsd: z.nullable(z.int()),
  livemode: z.boolean(),
});
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** Whose ledger, which page of it, and which entry: the day is that on which the work was accepted, in UTC. */
export type LedgerPlace = { workspaceId: string; id: string; createdAtMs: number };

export const entryOfTask = (task: EndedTask): LedgerEntry => {
  const { seconds = 0, images = 0 } = amountMade(task);
  return {
    model: task.resolvedModel,
    keyName: task.keyName,
    seconds,
    images,
    microUsd: bookedMicroUsd(task.livemode, task.cost?.microUsd ?? null),
    livemode: task.livemode,
  };
};

/** The sandbox works for nothing, whatever price it shows. */
export const bookedMicroUsd = (livemode: boolean, microUsd: number | null): number | null =>
  livemode ? microUsd : 0;
