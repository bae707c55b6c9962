import { expect, test } from 'vitest';
import { inOneLine, joinLines } from '../../lib/observability/canonical-line.ts';
import { createLog, type Log } from '../../lib/observability/log.ts';
import { withMetrics } from '../../lib/observability/metrics.ts';

/** The lines that a piece of work leaves in the log. */
const linesOf = async (work: (log: Log) => Promise<unknown>): Promise<Record<string, unknown>[]> => {
  const lines: string[] = [];
  const log = joinLines(createLog('info', {}, (line) => lines.push(line) > 0));
  await work(withMetrics(log, 'Gateway', Date.now)).catch(() => {});
  return lines.map((line) => JSON.parse(line));
};

const settle = async (log: Log) => {
  log.info('provider asked', { taskId: 'task_1', outcome: 'succeeded' });
  await Promise.resolve();
  log.info('task ended', { taskId: 'task_1', model: 'm', status: 'SUCCESS', durationMs: 5, rendered: true });
};

test('what one piece of work tells is one line, with every metric of it', async () => {
  const lines = await linesOf((log) => inOneLine(() => settle(log)));
  expect(lines).toMatchObject([
    {
      message: 'provider asked, task ended',
      taskId: 'task_1',
      outcome: 'succeeded',
      status: 'SUCCESS',
      ProviderPolls: 1,
      TasksEnded: 1,
      TaskDuration: 5,
      _aws: {
        CloudWatchMetrics: [
          { Metrics: [{ Name: 'ProviderPolls' }] },
          { Metrics: [{ Name: 'TasksEnded' }] },
          { Metrics: [{ Name: 'RendersEnded' }] },
          { Metrics: [{ Name: 'TasksSucceeded' }] },
          { Metrics: [{ Name: 'TaskDuration' }] },
        ],
      },
    },
  ]);
});

test('pieces of work that go on side by side keep their lines apart', async () => {
  const lines = await linesOf((log) =>
    Promise.all(
      ['task_1', 'task_2'].map((taskId) =>
        inOneLine(async () => {
          log.info('provider asked', { taskId });
          await Promise.resolve();
          log.info('task moved', { taskId });
        }),
      ),
    ),
  );
  expect(lines).toMatchObject([
    { message: 'provider asked, task moved', taskId: 'task_1' },
    { message: 'provider asked, task moved', taskId: 'task_2' },
  ]);
});

test('two lines that say different things under one name stay two', async () => {
  const lines = await linesOf((log) =>
    inOneLine(async () => {
      log.info('result copied', { durationMs: 900 });
      log.info('request', { durationMs: 5 });
    }),
  );
  expect(lines).toMatchObject([{ message: 'result copied', durationMs: 900 }, { durationMs: 5 }]);
});

test('what is counted twice is counted twice', async () => {
  const lines = await linesOf((log) =>
    inOneLine(async () => {
      log.info('woke what was overdue');
      log.info('woke what was overdue');
    }),
  );
  expect(lines.map(({ OverdueTasks }) => OverdueTasks)).toEqual([1, 1]);
});

test('a piece of work that fails has told what it did before', async () => {
  const lines = await linesOf((log) =>
    inOneLine(async () => {
      log.info('provider asked', { taskId: 'task_1' });
      throw new Error('the table is gone');
    }),
  );
  expect(lines).toMatchObject([{ message: 'provider asked', taskId: 'task_1' }]);
});

test('warnings do not wait, and what is told when the work is over stands alone', async () => {
  const lines = await linesOf(async (log) => {
    await inOneLine(async () => {
      log.info('provider asked');
      log.warn('result not copied');
    });
    log.info('images stored');
  });
  expect(lines.map(({ message }) => message)).toEqual([
    'result not copied',
    'provider asked',
    'images stored',
  ]);
});

test('what nobody gathers is written as it is', async () => {
  expect(await linesOf(settle)).toMatchObject([{ message: 'provider asked' }, { message: 'task ended' }]);
});
