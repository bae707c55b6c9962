import { expect, test } from 'vitest';
import { canonicalLines, withCanonicalLine } from '../../lib/observability/canonical-line.ts';
import { createLog, type Log, type LogRecord, recordLines } from '../../lib/observability/log.ts';
import { measureLines } from '../../lib/observability/metrics.ts';

/** The lines that a piece of work leaves in the log. */
const linesOf = async (work: (log: Log) => Promise<unknown>): Promise<LogRecord[]> => {
  const records: LogRecord[] = [];
  const write = canonicalLines(recordLines('info', {}, (record) => records.push(record)));
  await work(createLog(measureLines(write, 'Gateway', Date.now))).catch(() => {});
  return records;
};

const settle = async (log: Log) => {
  log.event('video.polled', { taskId: 'task_1', outcome: 'succeeded' });
  await Promise.resolve();
  log.event('task.ended', {
    ...{ taskId: 'task_1', workspaceId: 'ws_1', model: 'm' },
    ...{ status: 'SUCCESS', durationMs: 5, rendered: true },
  });
};

test('what one piece of work tells is one line, with every metric of it', async () => {
  const lines = await linesOf((log) => withCanonicalLine(() => settle(log)));
  expect(lines).toMatchObject([
    {
      event: 'video.polled, task.ended',
      message: 'provider asked, task ended',
      taskId: 'task_1',
      outcome: 'succeeded',
      status: 'SUCCESS',
      ProviderPolls: 1,
      TasksEnded: 1,
      TaskDuration: 5,
      _aws: {
        CloudWatchMetrics: [
          { Dimensions: [[], ['Outcome']], Metrics: [{ Name: 'ProviderPolls' }] },
          { Dimensions: [[], ['Model', 'Status']], Metrics: [{ Name: 'TasksEnded' }] },
          // Those of the same dimensions share their directive.
          {
            Dimensions: [[]],
            Metrics: [
              { Name: 'RendersEnded', Unit: 'Count' },
              { Name: 'TasksSucceeded', Unit: 'Count' },
              { Name: 'TaskDuration', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
    },
  ]);
});

test('pieces of work that go on side by side keep their lines apart', async () => {
  const lines = await linesOf((log) =>
    Promise.all(
      ['task_1', 'task_2'].map((taskId) =>
        withCanonicalLine(async () => {
          log.event('video.polled', { taskId, outcome: 'running' });
          await Promise.resolve();
          log.event('images.stored', { fileIds: [] });
        }),
      ),
    ),
  );
  expect(lines).toMatchObject([
    { message: 'provider asked, images stored', taskId: 'task_1' },
    { message: 'provider asked, images stored', taskId: 'task_2' },
  ]);
});

test('two lines that say different things under one name stay two', async () => {
  const lines = await linesOf((log) =>
    withCanonicalLine(async () => {
      log.event('video.copied', { taskId: 'task_1', durationMs: 900 });
      log.event('request.answered', { method: 'GET', path: '/', status: 200, durationMs: 5 });
    }),
  );
  expect(lines).toMatchObject([{ message: 'result copied', durationMs: 900 }, { durationMs: 5 }]);
});

test('what is counted twice is counted twice', async () => {
  const lines = await linesOf((log) =>
    withCanonicalLine(async () => {
      log.event('sweep.woke', { taskId: 'task_1', steps: ['poll'] });
      log.event('sweep.woke', { taskId: 'task_1', steps: ['poll'] });
    }),
  );
  expect(lines.map(({ OverdueTasks }) => OverdueTasks)).toEqual([1, 1]);
});

test('a piece of work that fails has told what it did before', async () => {
  const lines = await linesOf((log) =>
    withCanonicalLine(async () => {
      log.event('video.polled', { taskId: 'task_1', outcome: 'running' });
      throw new Error('the table is gone');
    }),
  );
  expect(lines).toMatchObject([{ message: 'provider asked', taskId: 'task_1' }]);
});

test('warnings do not wait, and what is told when the work is over stands alone', async () => {
  const lines = await linesOf(async (log) => {
    await withCanonicalLine(async () => {
      log.event('video.polled', { taskId: 'task_1', outcome: 'succeeded' });
      log.event('video.not-copied', {
        taskId: 'task_1',
        durationMs: 5,
        outcome: 'failed',
        detail: 'HTTP 404',
      });
    });
    log.event('images.stored', { fileIds: [] });
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
