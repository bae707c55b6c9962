import * as z from 'zod/mini';
import type { Task } from './task.ts';

/** What stays of a task that was deleted, until the task would have expired. */
export const tombstone = z.object({
  id: z.string(),
  workspaceId: z.string(),
  createdAtMs: z.number(),
  expiresAtSeconds: z.number(),
  isRemoved: z.literal(true),
});

export const tombstoneOf = (task: Task): z.infer<typeof tombstone> =>
  tombstone.parse({ ...task, isRemoved: true });
