import { expect, test } from 'vitest';
import { createLog } from '../../lib/observability/log.ts';
import { createLogSteps } from '../../lib/tasks/log-steps.ts';
import { createObservedTaskStore, type Observer } from '../../lib/tasks/observed-task-store.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { anEndedTask, aRender, aRunningTask, aTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';

/** What is logged when a task becomes another. */
const logOf = async (before: Task, after: Task | undefined, observers: Observer[] = []) => {
  const said: [string, unknown][] = [];
  const log = createLog(({ event, fields }) => said.push([event, fields]));
  const now = () => startMs + 90_000;
  const stored = createMemoryTaskStore(now);
  const observed = createObservedTaskStore(stored, [...observers, createLogSteps(log, now)], log);
  await observed.create(before);
  await observed.change(before.id, () => after);
  return said;
};
const who = { taskId: aTask().id, workspaceId: 'workspace-1' };

test('a submission is told with how long the task waited for it', async () => {
  const render = { ...aRender, submittedAtMs: startMs + 3_000 };
  const said = await logOf(aTask(), aRunningTask({ render }));
  expect(said).toEqual([['task.submitted', { ...who, model: 'kling/kling-v2-6', delayMs: 3_000 }]]);
});

test('any other move is told with where it came from', async () => {
  const said = await logOf(aRunningTask(), aRunningTask({ render: { ...aRender, startedAtMs: startMs } }));
  expect(said).toEqual([['task.moved', { ...who, from: 'SUBMITTED', to: 'IN_PROGRESS' }]]);
});

test('an end is told with its status and how long the task took', async () => {
  const said = await logOf(aRunningTask(), anEndedTask());
  expect(said).toContainEqual([
    'task.ended',
    { ...who, model: 'kling/kling-v2-6', status: 'SUCCESS', durationMs: 80_000, rendered: true },
  ]);
});

test('a failure is told with its code and without its reason, which may quote what was asked for', async () => {
  const result = { status: 'FAILURE', code: 'refused', reason: 'rain is not allowed' } as const;
  const said = await logOf(aRunningTask(), anEndedTask({ result }));
  expect(said).toContainEqual([
    'task.ended',
    expect.objectContaining({ status: 'FAILURE', code: 'refused' }),
  ]);
  expect(JSON.stringify(said)).not.toContain('rain');
});

test.each([
  ['delivered', 'callback.delivered'],
  ['failed', 'callback.undelivered'],
] as const)('an event that is %s is told with how long that took', async (state, name) => {
  const event = {
    eventId: 'evt_1',
    type: 'video.completed',
    createdAtMs: startMs + 80_000,
    attempts: 1,
  } as const;
  const said = await logOf(
    anEndedTask({ delivery: { ...event, state: 'pending' } }),
    anEndedTask({ delivery: { ...event, state } }),
  );
  expect(said).toEqual([
    [name, { ...who, eventId: 'evt_1', type: 'video.completed', attempts: 1, delayMs: 10_000 }],
  ]);
});

test('a change of no interest and a decision to change nothing log nothing', async () => {
  expect(await logOf(aTask(), aTask({ notBeforeMs: startMs + 1 }))).toEqual([]);
  expect(await logOf(aTask(), undefined)).toEqual([]);
});

test('an observer that fails keeps no other from its work, and the change stands', async () => {
  const broken: Observer = async () => {
    throw new Error('the queue is away');
  };
  const said = await logOf(aRunningTask(), anEndedTask(), [broken]);
  expect(said.map(([name]) => name)).toEqual(['task.change-unfollowed', 'task.ended']);
});
