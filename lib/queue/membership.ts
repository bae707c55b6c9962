import * as z from 'zod/mini';

/**
 * What the queue knows of one task, stored on the task. Each field names something that is stored for the task elsewhere,
 * which may be missing or outdated: the queue puts up with that. Absent as a whole: the task never waited and holds nothing.
 */
export const queueMembership = z.object({
  /** When it was accepted. */
  sinceMs: z.number(),
  /** What it waits for: the provider, or others of its workspace. */
  waitsFor: z.exactOptional(z.enum(['model', 'workspace'])),
  /** Its entry in its model's queue; kept while it is not there, so that it comes back to the same position. */
  entryId: z.exactOptional(z.string()),
  /** It is in its workspace's queue for the model, until the provider has it. */
  isParked: z.exactOptional(z.literal(true)),
  /** Its slot among those of a workspace with a limit. */
  slot: z.exactOptional(z.object({ number: z.number(), takenAtMs: z.number() })),
  /** When it was last let through to the provider, and when it may ask again if nothing has come free since. */
  askedAtMs: z.exactOptional(z.number()),
  askAgainAtMs: z.exactOptional(z.number()),
  /** How often the provider had no room for it, though it should have had. */
  refusals: z.exactOptional(z.number()),
  /** When it tries again by itself. */
  retryAtMs: z.exactOptional(z.number()),
});
export type QueueMembership = z.infer<typeof queueMembership>;
export type Slot = NonNullable<QueueMembership['slot']>;

/** The round in which a task is served, since when it has waited, and which it is: entries sort by it as text. */
export type EntryId = string;

const width = 15;
const digits = (number: number): string => String(number).padStart(width, '0');

export const entryIdFor = (round: number, sinceMs: number, taskId: string): EntryId =>
  `${digits(round)}#${digits(sinceMs)}#${taskId}`;
export const roundOf = (entryId: EntryId): number => Number(entryId.slice(0, width));
export const sinceMsOf = (entryId: EntryId): number => Number(entryId.slice(width + 1, 2 * width + 1));
export const taskIdOf = (entryId: EntryId): string => entryId.slice(2 * width + 2);

/** Tasks of one workspace and one model are served in the order in which they came. */
export const parkedEntryId = (sinceMs: number, taskId: string): EntryId => entryIdFor(0, sinceMs, taskId);

const modelPrefix = 'MODEL#';
/** Where the tasks for one model wait for the provider. */
export const modelQueue = (model: string): string => modelPrefix + model;
export const queueModel = (queue: string): string => queue.slice(modelPrefix.length);
const parkedPrefix = 'PARKED#';
/** All of a workspace's queues begin so. */
export const parkedQueuesOf = (workspaceId: string): string => `${parkedPrefix}${workspaceId}#`;
/** Where the tasks of one workspace for one model wait for their workspace. */
export const parkedQueue = (workspaceId: string, model: string): string =>
  parkedQueuesOf(workspaceId) + model;
/** `undefined`: it is a model's queue. */
export const workspaceOfQueue = (queue: string): string | undefined =>
  queue.startsWith(parkedPrefix) ? queue.split('#')[1] : undefined;
