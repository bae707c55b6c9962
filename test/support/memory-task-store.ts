import { nextDue } from '../../lib/tasks/due.ts';
import { eventOrderOf } from '../../lib/tasks/event-order.ts';
import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import type { ChangeOutcome, ListQuery, TaskPlace, TaskStore } from '../../lib/tasks/task-store.ts';
import type { Clock } from '../../lib/time.ts';

type Stored = { task: Task; dueAtMs: number | undefined };

/** The task store's second implementation, for tests that need no server. One shard; nothing lags. */
export const createMemoryTaskStore = (now: Clock) => {
  const stored = new Map<string, Stored>();
  const removed = new Map<string, TaskPlace>();
  const put = (task: Task) => stored.set(task.id, { task, dueAtMs: nextDue(task)?.atMs });
  const alive = (id: string): Task | undefined => {
    const task = stored.get(id)?.task;
    return task !== undefined && task.expiresAtSeconds * 1000 > now() ? structuredClone(task) : undefined;
  };
  const tasks: TaskStore = {
    async create(task) {
      const existing = alive(task.id);
      if (existing !== undefined) return { created: false, existing };
      if (removed.has(task.id)) return { created: false, existing: 'deleted' };
      put(task);
      return { created: true };
    },
    async find(taskId) {
      return alive(taskId);
    },
    async change(taskId, decide, seen): Promise<ChangeOutcome> {
      let current = seen ?? alive(taskId);
      for (;;) {
        const decided = current && decide(current);
        if (current === undefined || decided === undefined) return { changed: false, task: current };
        const task = { ...decided, version: current.version + 1 };
        if (stored.get(taskId)?.task.version === current.version) {
          put(task);
          return { changed: true, task };
        }
        current = alive(taskId);
      }
    },
    async remove(taskId) {
      const task = alive(taskId);
      if (task === undefined) return removed.has(taskId);
      if (!isEnded(task)) return false;
      removed.set(taskId, task);
      return stored.delete(taskId);
    },
    async findRemoved(taskId) {
      return removed.get(taskId);
    },
    async list({
      workspaceId,
      limit,
      after,
      order,
      status,
      kind,
      sinceMs = 0,
      untilMs = Infinity,
    }: ListQuery) {
      const all = [...stored.keys()]
        .flatMap((id) => alive(id) ?? [])
        .filter((task) => task.workspaceId === workspaceId && (!status || statusOf(task) === status))
        .filter((task) => kind === undefined || task.kind === kind)
        .filter(({ createdAtMs }) => createdAtMs >= sinceMs && createdAtMs < untilMs)
        .sort(order === 'asc' ? inOrder : (one, other) => inOrder(other, one))
        .filter(
          (task) =>
            after === undefined || (order === 'asc' ? inOrder(after, task) : inOrder(task, after)) < 0,
        );
      const page = all.slice(0, limit);
      return { tasks: page, hasMore: all.length > limit, lastTaskId: page.at(-1)?.id };
    },
    async listDue(shard, nowMs, limit) {
      // All stand in the first shard.
      if (shard > 0) return { taskIds: [], next: undefined };
      const due = [...stored.values()].filter(({ dueAtMs }) => dueAtMs !== undefined && dueAtMs <= nowMs);
      return { taskIds: due.slice(0, limit).map(({ task }) => task.id), next: undefined };
    },
    async listEvents(workspaceId, afterOrder, limit) {
      return [...stored.keys()]
        .flatMap((id) => alive(id) ?? [])
        .filter((task) => task.workspaceId === workspaceId)
        .map((task) => ({ id: task.id, order: eventOrderOf(task) ?? '' }))
        .filter(({ order }) => order > afterOrder)
        .sort((one, other) => (one.order < other.order ? -1 : 1))
        .slice(0, limit);
    },
    async findAll(taskIds) {
      return taskIds.flatMap((id) => alive(id) ?? []);
    },
    async postpone(taskId, seenVersion, untilMs) {
      const entry = stored.get(taskId);
      if (entry?.task.version === seenVersion) stored.set(taskId, { ...entry, dueAtMs: untilMs });
    },
  };
  return tasks;
};

const inOrder = (one: TaskPlace, other: TaskPlace): number =>
  one.createdAtMs - other.createdAtMs || one.id.localeCompare(other.id);
