import { expect, test } from 'vitest';
import { createLetNextIn } from '../../lib/tasks/let-next-in.ts';
import { modelLineOf, workspaceLineOf } from '../../lib/tasks/line.ts';
import { settle } from '../../lib/tasks/settlement.ts';
import { aSubmittedTask, startMs } from '../support/a-task.ts';
import { createMemoryInFlight } from '../support/memory-in-flight.ts';
import { createMemoryLine } from '../support/memory-line.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';

const setUp = async () => {
  const line = createMemoryLine(() => startMs);
  const inFlight = createMemoryInFlight();
  const { wakeUps, sent } = createRecordedWakeUps();
  await line.join(modelLineOf(aSubmittedTask()), 'ws_a', 'task_next');
  return { letNextIn: createLetNextIn({ line, inFlight, wakeUps }), line, inFlight, sent };
};
const waited = aSubmittedTask({ submission: { ...aSubmittedTask().submission, hasWaited: true } });
const ended = (task: typeof waited) => settle(task, { status: 'FAILURE', failReason: 'No.' }, startMs);

test('the end of a render that waited for its slot wakes the next in the line', async () => {
  const { letNextIn, sent } = await setUp();
  await letNextIn(ended(waited));
  expect(sent).toEqual([{ queue: 'submit', message: { taskId: 'task_next' }, delaySeconds: 0 }]);
});

test('the end of one that counted in its workspace makes room, and wakes the next there', async () => {
  const { letNextIn, line, inFlight, sent } = await setUp();
  const counted = aSubmittedTask({ submission: { ...aSubmittedTask().submission, counted: true } });
  await inFlight.add(counted.workspaceId, counted.id, 1);
  await line.join(workspaceLineOf(counted), counted.workspaceId, 'task_of_workspace');
  await letNextIn(counted);
  expect(await inFlight.list(counted.workspaceId)).toEqual([counted.id]);
  await letNextIn(ended(counted));
  expect(await inFlight.list(counted.workspaceId)).toEqual([]);
  expect(sent).toEqual([{ queue: 'submit', message: { taskId: 'task_of_workspace' }, delaySeconds: 0 }]);
});

test('the end of one that never waited costs nothing', async () => {
  const { letNextIn, sent } = await setUp();
  await letNextIn(ended(aSubmittedTask()));
  expect(sent).toEqual([]);
});
