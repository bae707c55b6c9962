import { expect, test } from 'vitest';
import { createLetNextIn } from '../../lib/tasks/let-next-in.ts';
import { lineOf } from '../../lib/tasks/line.ts';
import { settle } from '../../lib/tasks/settlement.ts';
import { aSubmittedTask, startMs } from '../support/a-task.ts';
import { createMemoryLine } from '../support/memory-line.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';

const setUp = async () => {
  const line = createMemoryLine(() => startMs);
  const { wakeUps, sent } = createRecordedWakeUps();
  await line.join(lineOf(aSubmittedTask()), 'ws_a', 'task_next');
  return { letNextIn: createLetNextIn(line, wakeUps), sent };
};
const waited = aSubmittedTask({ submission: { ...aSubmittedTask().submission, hasWaited: true } });
const ended = (task: typeof waited) => settle(task, { status: 'FAILURE', failReason: 'No.' }, startMs);

test('the end of a render that waited for its slot wakes the next in the line', async () => {
  const { letNextIn, sent } = await setUp();
  await letNextIn(ended(waited));
  expect(sent).toEqual([{ queue: 'submit', message: { taskId: 'task_next' }, delaySeconds: 0 }]);
});

test('the end of one that never waited costs nothing', async () => {
  const { letNextIn, sent } = await setUp();
  await letNextIn(ended(aSubmittedTask()));
  expect(sent).toEqual([]);
});
