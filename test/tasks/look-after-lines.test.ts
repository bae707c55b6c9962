import { expect, test } from 'vitest';
import { modelLineOf } from '../../lib/tasks/line.ts';
import { createLookAfterLines } from '../../lib/tasks/look-after-lines.ts';
import { taskSchema } from '../../lib/tasks/task.ts';
import { aTask, startMs } from '../support/a-task.ts';
import { createMemoryInFlight } from '../support/memory-in-flight.ts';
import { createMemoryLine } from '../support/memory-line.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

const model = modelLineOf(aTask());

/** One task waits; `before` has a place before it. */
const setUp = async (before: string) => {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const line = createMemoryLine(now);
  const tasks = createMemoryTaskStore(now);
  const inFlight = createMemoryInFlight();
  const { wakeUps, sent } = createRecordedWakeUps();
  await line.join(model, 'ws_a', before);
  clock.nowMs += 1;
  const place = await line.join(model, 'ws_b', aTask().id);
  await tasks.create(aTask({ submission: { ...aTask().submission, place } }));
  const find = async (taskId: string) => {
    if (taskId === 'task_unreadable') taskSchema.parse({ written: 'by a version of long ago' });
    return tasks.find(taskId);
  };
  const lookAfterLines = createLookAfterLines({
    tasks: { find },
    line,
    inFlight,
    wakeUps,
    now,
    log: silentLog,
  });
  return { clock, line, tasks, inFlight, sent, lookAfterLines };
};
const wakeUpOf = (taskId: string) => ({ queue: 'submit', message: { taskId }, delaySeconds: 0 });

test.each(['task_unreadable', 'task_gone'])('%s does not keep others waiting', async (before) => {
  const { lookAfterLines, sent, line } = await setUp(before);
  await lookAfterLines();
  expect(sent).toEqual([wakeUpOf(aTask().id)]);
  expect(await line.first(model)).toContain(aTask().id);
});

test('who has the turn is woken, and nobody else', async () => {
  const { lookAfterLines, sent, tasks } = await setUp('task_before');
  await tasks.create(aTask({ id: 'task_before' }));
  await lookAfterLines();
  expect(sent).toEqual([wakeUpOf('task_before')]);
});

test('a place that its task never took is cleared after a minute', async () => {
  const { lookAfterLines, sent, tasks, clock } = await setUp('task_before');
  await tasks.create(aTask({ id: 'task_before' }));
  clock.nowMs += 60_000;
  await lookAfterLines();
  expect(sent).toEqual([wakeUpOf(aTask().id)]);
});

test('lines that cannot be read do not stop the sweep', async () => {
  const { line, tasks } = await setUp('task_before');
  const { wakeUps } = createRecordedWakeUps();
  const broken = { ...line, lines: () => Promise.reject(new Error('throttled')) };
  const lookAfterLines = createLookAfterLines({
    tasks,
    line: broken,
    inFlight: createMemoryInFlight(),
    wakeUps,
    now: () => startMs,
    log: silentLog,
  });
  await expect(lookAfterLines()).resolves.toBeUndefined();
});
