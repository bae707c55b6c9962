import { describe, expect, it } from 'vitest';
import { maxDueShards } from '../../lib/limits.ts';
import type { Delivery } from '../../lib/tasks/delivery.ts';
import { createSweep } from '../../lib/tasks/sweep.ts';
import type { Task } from '../../lib/tasks/task.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import {
  anEndedTask,
  anImageTask,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

const minute = 60_000;
const delivery: Delivery = {
  eventId: 'evt_1',
  type: 'video.in_progress',
  createdAtMs: startMs,
  state: 'pending',
  attempts: 0,
  nextAttemptAtMs: startMs,
};

const setUp = async (
  stored: Task[],
  override: (tasks: TaskStore) => Partial<TaskStore> = () => ({}),
  { reconcileQueues = async () => {}, reconcileBudgets = async () => {} } = {},
) => {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const tasks = createMemoryTaskStore(now);
  const { wakeUps, sent } = createRecordedWakeUps();
  for (const task of stored) await tasks.create(task);
  const sweep = createSweep({
    tasks: { ...tasks, ...override(tasks) },
    wakeUps,
    queue: { reconcile: reconcileQueues },
    reconcileBudgets,
    dueShards: 1,
    now,
    budgetMs: 45_000,
    log: silentLog,
  });
  return { clock, sent, tasks, sweep };
};

const nothingDue = { taskIds: [], next: undefined };

describe('the sweep', () => {
  it('wakes a submission that nobody woke, and gives the wake-up two minutes', async () => {
    const { sweep, sent, clock } = await setUp([aTask()]);
    await sweep();
    await sweep();
    expect(sent).toEqual([{ queue: 'submit', message: { taskId: aTask().id }, delaySeconds: 0 }]);
    clock.nowMs += 2 * minute;
    await sweep();
    expect(sent).toHaveLength(2);
  });

  it('finds at the full hour what a deployment with more shards has left in the others', async () => {
    const asked: number[] = [];
    const { sweep, clock } = await setUp([], () => ({
      listDue: async (shard) => {
        asked.push(shard);
        return nothingDue;
      },
    }));
    for (let count = 0; count < 60; count += 1) {
      await sweep();
      clock.nowMs += minute;
    }
    expect(new Set(asked)).toEqual(new Set(Array(maxDueShards).keys()));
    expect(asked).toHaveLength(59 + maxDueShards);
  });

  it('wakes the polls of a render where they fell silent', async () => {
    const { sweep, sent, clock } = await setUp([aRunningTask()]);
    clock.nowMs = startMs + 5 * minute;
    await sweep();
    await sweep();
    expect(sent).toEqual([
      { queue: 'poll', message: { taskId: aTask().id, generation: 1 }, delaySeconds: 0 },
    ]);
  });

  it('wakes a submission whose worker died, and the images of one that nobody woke', async () => {
    const { sweep, sent, clock } = await setUp([aSubmittingTask(), anImageTask({ id: 'task_image' })]);
    clock.nowMs += minute;
    await sweep();
    expect(sent.map(({ queue }) => queue).sort()).toEqual(['make-image', 'submit']);
  });

  it('wakes what is due while the queues and the budgets take their time', async () => {
    const isFound = Promise.withResolvers<void>();
    const { sweep, sent } = await setUp(
      [aTask()],
      (tasks) => ({
        async postpone(...given) {
          await tasks.postpone(...given);
          isFound.resolve();
        },
      }),
      { reconcileBudgets: () => isFound.promise, reconcileQueues: () => isFound.promise },
    );
    await sweep();
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['the queues', 'reconcileQueues'],
    ['the budgets', 'reconcileBudgets'],
  ])('wakes what is due although %s cannot be reconciled', async (_what, repair) => {
    let tries = 0;
    const { sweep, sent } = await setUp([aTask()], undefined, {
      async [repair]() {
        tries += 1;
        throw new Error('the table does not answer');
      },
    });
    await sweep();
    expect(tries).toBe(1);
    expect(sent).toHaveLength(1);
  });

  it('wakes an event whose wait was longer than a queue can delay', async () => {
    const { sweep, sent } = await setUp([anEndedTask({ delivery })]);
    await sweep();
    expect(sent).toMatchObject([{ queue: 'deliver', message: { eventId: 'evt_1' } }]);
  });

  it('wakes both a progress event and the render behind it', async () => {
    const { sweep, sent, clock } = await setUp([aRunningTask({ delivery })]);
    clock.nowMs = startMs + 5 * minute;
    await sweep();
    expect(sent.map(({ queue }) => queue)).toEqual(['deliver', 'poll']);
  });

  it('leaves alone what the lagging index still shows but the task no longer needs', async () => {
    const { sweep, sent } = await setUp([aRunningTask()], () => ({
      listDue: async () => ({ taskIds: [aTask().id, 'task_gone'], next: undefined }),
    }));
    await sweep();
    expect(sent).toEqual([]);
  });

  it('goes through all pages of the index once, although their entries stay due', async () => {
    const listed: unknown[] = [];
    const { sweep, sent } = await setUp([aTask()], () => ({
      async listDue(shard, _nowMs, limit, after) {
        if (shard > 0) return nothingDue;
        listed.push(after);
        const page = Number(after?.['page'] ?? 0);
        const expired = Array.from({ length: limit }, (_, index) => `task_expired_${page}_${index}`);
        return page < 3
          ? { taskIds: expired, next: { page: page + 1 } }
          : { taskIds: [aTask().id], next: undefined };
      },
    }));
    await sweep();
    expect(listed).toEqual([undefined, { page: 1 }, { page: 2 }, { page: 3 }]);
    expect(sent).toHaveLength(1);
  });

  it('wakes the others when one task cannot be woken, and then tells that it failed', async () => {
    const others = ['task_a', 'task_b', 'task_c'].map((id) => aTask({ id }));
    const { sweep, sent } = await setUp([...others, aTask({ id: 'task_broken' })], (tasks) => ({
      async find(taskId) {
        if (taskId === 'task_broken') throw new Error('unreadable');
        return tasks.find(taskId);
      },
    }));
    await expect(sweep()).rejects.toThrow('1 overdue tasks could not be woken');
    expect(sent).toHaveLength(3);
  });

  it('stops when its time is used up', async () => {
    const { sweep, sent, clock } = await setUp([], (tasks) => ({
      find: async () => {
        clock.nowMs += minute;
        return aTask();
      },
      listDue: async (shard) => (shard > 0 ? nothingDue : { taskIds: [aTask().id], next: { more: true } }),
      postpone: tasks.postpone,
    }));
    await sweep();
    expect(sent).toHaveLength(1);
  });
});
