import { expect, test } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { createWatchedTaskStore } from '../../lib/tasks/watched-task-store.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { silentLog } from '../support/silent-log.ts';

/** What is logged when a task becomes another. */
const logOf = async (before: Task, changes: Partial<Task> | undefined) => {
  const said: [string, unknown][] = [];
  const log = {
    ...silentLog,
    info: (message: string, fields?: unknown) => void said.push([message, fields]),
  };
  const now = () => startMs + 90_000;
  const watched = createWatchedTaskStore(createMemoryTaskStore(now), log, now);
  await watched.create(before);
  await watched.change(before.id, (task) => changes && { ...task, ...changes });
  return said;
};
const who = { taskId: aTask().id, workspaceId: 'workspace-1' };

test('a submission is told with how long the task waited for it', async () => {
  const said = await logOf(aTask(), { status: 'SUBMITTED', submittedAtMs: startMs + 3_000 });
  expect(said).toEqual([['task submitted', { ...who, model: 'kling/kling-v2-6', delayMs: 3_000 }]]);
});

test('any other move is told with where it came from', async () => {
  const said = await logOf(aSubmittedTask(), { status: 'IN_PROGRESS' });
  expect(said).toEqual([['task moved', { ...who, from: 'SUBMITTED', to: 'IN_PROGRESS' }]]);
});

test('an end is told with its status and how long the task took', async () => {
  const said = await logOf(aSubmittedTask(), { status: 'SUCCESS', endedAtMs: startMs + 80_000 });
  expect(said).toContainEqual([
    'task ended',
    { ...who, model: 'kling/kling-v2-6', status: 'SUCCESS', durationMs: 80_000, rendered: true },
  ]);
});

test.each([
  ['delivered', 'event delivered'],
  ['failed', 'event undelivered'],
] as const)('an event that is %s is told with how long that took', async (state, message) => {
  const event = {
    eventId: 'evt_1',
    type: 'video.completed',
    createdAtMs: startMs + 80_000,
    attempts: 1,
  } as const;
  const ended = { status: 'SUCCESS', endedAtMs: startMs + 80_000 } as const;
  const said = await logOf(aSubmittedTask({ ...ended, delivery: { ...event, state: 'pending' } }), {
    delivery: { ...event, state },
  });
  expect(said).toEqual([
    [message, { ...who, eventId: 'evt_1', type: 'video.completed', attempts: 1, delayMs: 10_000 }],
  ]);
});

test('a change that nobody needs to hear of, and a decision to change nothing, are silent', async () => {
  expect(await logOf(aTask(), { pollChain: 2 })).toEqual([]);
  expect(await logOf(aTask(), undefined)).toEqual([]);
});
