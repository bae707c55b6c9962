import { expect, test } from 'vitest';
import { createLookAfterInFlight } from '../../lib/tasks/look-after-in-flight.ts';
import { type Task, taskSchema } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';
import { createMemoryInFlight } from '../support/memory-in-flight.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

const { id: taskId, workspaceId } = aTask();

/** After the sweep has looked at a workspace in which one task is counted: whether it still is, and who was woken. */
const afterLook = async (find: () => Promise<Task | undefined>) => {
  const inFlight = createMemoryInFlight();
  const { wakeUps, sent } = createRecordedWakeUps();
  await inFlight.add(workspaceId, taskId, 1);
  await createLookAfterInFlight({ tasks: { find }, inFlight, wakeUps, log: silentLog })(workspaceId);
  return { counted: await inFlight.list(workspaceId), sent };
};

const findOf = (task: Task) => {
  const tasks = createMemoryTaskStore(() => startMs);
  return async () => {
    await tasks.create(task);
    return tasks.find(task.id);
  };
};
const counted = { ...aTask().submission, counted: true } as const;

test.each([
  ['has ended', findOf(aSubmittedTask({ status: 'SUCCESS', submission: counted }))],
  ['is gone', async () => undefined],
  ['cannot be read', async () => taskSchema.parse({ written: 'by a version of long ago' })],
])('a task that %s makes room, should its worker have died before it could', async (_, find) => {
  expect((await afterLook(find)).counted).toEqual([]);
});

test('a task that is with the provider keeps its room', async () => {
  const find = findOf(aSubmittedTask({ submission: counted }));
  expect(await afterLook(find)).toEqual({ counted: [taskId], sent: [] });
});

test('a task that was counted by a worker that died then is woken, since it does not know', async () => {
  const { counted: still, sent } = await afterLook(findOf(aTask()));
  expect(still).toEqual([taskId]);
  expect(sent).toEqual([{ queue: 'submit', message: { taskId }, delaySeconds: 0 }]);
});
