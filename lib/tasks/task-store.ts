import type { EndedTask, Task } from './task.ts';
import type { TaskStatus } from './task-status.ts';

/** `deleted`: there was a task of that id, which its owner took away. */
export type CreateOutcome = { created: true } | { created: false; existing: Task | 'deleted' };
/** `changed: false` with a task: the decision was to leave it. Without one: there is no such task. */
export type ChangeOutcome = { changed: true; task: Task } | { changed: false; task: Task | undefined };

/** Where a task stands, or stood, in its workspace's list. */
export type TaskPlace = Pick<Task, 'id' | 'workspaceId' | 'createdAtMs'>;

export type ListQuery = {
  workspaceId: string;
  limit: number;
  /** Only tasks further on in the list than this one, which may be deleted meanwhile. */
  after?: TaskPlace;
  /** Newest first, unless said otherwise. */
  order?: 'asc' | 'desc';
  status?: TaskStatus;
  /** Only tasks accepted at this time or later. */
  sinceMs?: number;
  /** Only tasks accepted before this time. */
  untilMs?: number;
  kind?: Task['kind'];
};

/** `lastTaskId` is where the next page starts; a filtered page can look further than the last task it shows. */
export type TaskPage = { tasks: Task[]; hasMore: boolean; lastTaskId: string | undefined };

/** Where a page of the due index ended; opaque outside the store. */
export type DueCursor = Record<string, unknown>;
type DuePage = { taskIds: string[]; next: DueCursor | undefined };

/** In the index of events: a task at its end or, until then, at its progress event; or an event that is about no task. */
export type EventEntry = { id: string; order: string };

/** Where the store books what a task cost, just before it writes the task's end. */
export type CostBook = {
  /** `false`: another end of the same or a later version is booked already, and this one must not be written. */
  enter(task: EndedTask): Promise<boolean>;
  /** Takes back what was entered for an end that was not written after all. */
  withdraw(task: EndedTask): Promise<void>;
};

/** Where tasks are kept. Reads see every earlier write; tasks past their expiry are gone. */
export type TaskStore = {
  /** Stores a new task, unless there already is one of that id. */
  create(task: Task): Promise<CreateOutcome>;
  find(taskId: string): Promise<Task | undefined>;
  /**
   * Reads the task, lets `decide` make the changed one, and writes it only if nobody else wrote meanwhile;
   * otherwise reads and decides again. `decide` must be pure; it answers `undefined` to leave the task alone.
   * `seen`, a copy read a moment ago, saves the first read.
   */
  change(taskId: string, decide: (task: Task) => Task | undefined, seen?: Task): Promise<ChangeOutcome>;
  /**
   * Takes a task away for good, if it has ended. Its id stays taken until the task would have expired, so that a repeat of its
   * request makes nothing.
   */
  remove(taskId: string): Promise<boolean>;
  /** What is left of a task that was removed. */
  findRemoved(taskId: string): Promise<TaskPlace | undefined>;
  list(query: ListQuery): Promise<TaskPage>;
  /** Ids of tasks of which something is due at `nowMs`, oldest first, of one shard of the due index. May lag. */
  listDue(shard: number, nowMs: number, limit: number, after?: DueCursor): Promise<DuePage>;
  /**
   * A workspace's events in the order in which they happened, after that order, from an index that lags and may show late
   * what happened earlier. Fewer than `limit`: there are no more.
   */
  listEvents(workspaceId: string, afterOrder: string, limit: number): Promise<EventEntry[]>;
  /** The tasks that there are among up to 100 ids, in the order of these. */
  findAll(taskIds: string[]): Promise<Task[]>;
  /** Keeps the sweep from finding the task again before `untilMs`, unless something else is written first. */
  postpone(taskId: string, seenVersion: number, untilMs: number): Promise<void>;
};
