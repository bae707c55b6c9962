import { expect, test } from 'vitest';
import { createLog } from '../../lib/observability/log.ts';
import { withMetrics } from '../../lib/observability/metrics.ts';
import { createLogSteps } from '../../lib/tasks/log-steps.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { createSweep } from '../../lib/tasks/sweep.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aRunningTask, aTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';

const nowMs = Date.UTC(2026, 10, 22, 12);

/** The lines that a log with metrics writes. */
const linesOf = (write: (log: ReturnType<typeof withMetrics>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  write(
    withMetrics(
      createLog('info', { function: 'poll' }, (line) => lines.push(line) > 0),
      'Gateway',
      () => nowMs,
    ),
  );
  return lines.map((line) => JSON.parse(line));
};

test('a line that says something countable is a metric as well, in CloudWatch’s format', () => {
  const [line] = linesOf((log) => log.info('task accepted', { taskId: 'task_1', model: 'kling/kling-v2-6' }));
  expect(line).toMatchObject({
    message: 'task accepted',
    function: 'poll',
    taskId: 'task_1',
    TasksAccepted: 1,
    Model: 'kling/kling-v2-6',
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: 'Gateway',
          Dimensions: [[], ['Model']],
          Metrics: [{ Name: 'TasksAccepted', Unit: 'Count' }],
        },
      ],
    },
  });
});

test('every metric and every dimension that a line announces is in it', () => {
  const said: [string, Record<string, unknown>][] = [
    ['task accepted', { model: 'm' }],
    ['task submitted', { model: 'm', delayMs: 5 }],
    ['task ended', { model: 'm', status: 'SUCCESS', durationMs: 5, rendered: true }],
    ['task handed to the provider', { status: 'operator-fault' }],
    ['unanswered submission looked up', { status: 'unanswered' }],
    ['provider asked', { outcome: 'unanswered', code: '5000' }],
    ['result copied', { durationMs: 5 }],
    ['result not copied', { outcome: 'failed' }],
    ['images were not made', { outcome: 'operator-fault' }],
    ['attempt made', { delivered: false, errorClass: 'timeout' }],
    ['event delivered', { delayMs: 5 }],
    ['event undelivered', {}],
    ['woke what was overdue', { steps: ['poll'] }],
    ['message failed and will come back', {}],
    ['message dropped: it cannot be read', {}],
  ];
  const lines = linesOf((log) => {
    for (const [message, fields] of said) log.error(message, fields);
  });
  expect(lines).toHaveLength(said.length);
  for (const line of lines) {
    const { CloudWatchMetrics } = line['_aws'] as {
      CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[];
    };
    for (const { Dimensions, Metrics } of CloudWatchMetrics) {
      for (const { Name } of Metrics) expect(line[Name]).toBeTypeOf('number');
      for (const dimension of Dimensions.flat()) expect(line[dimension]).toBeTypeOf('string');
    }
  }
});

test.each([
  ['operator-fault', 1],
  ['busy', undefined],
])('a provider that answers %s counts as account trouble: %s', (status, expected) => {
  const [line] = linesOf((log) => log.error('task handed to the provider', { status }));
  expect(line?.['ProviderAccountTrouble']).toBe(expected);
});

test.each([
  ['task handed to the provider', { status: 'busy', code: '1303' }, '1303'],
  ['task handed to the provider', { status: 'refused', code: '1301' }, '1301'],
  ['unanswered submission looked up', { status: 'unanswered', code: '5000' }, '5000'],
  ['provider asked', { outcome: 'unanswered', code: '5002' }, '5002'],
  ['provider asked', { outcome: 'unanswered' }, 'none'],
])('%s, %j, counts as a provider error by its code', (message, fields, code) => {
  const [line] = linesOf((log) => log.info(message, fields));
  expect(line).toMatchObject({ ProviderErrors: 1, Code: code });
});

test.each([
  ['task handed to the provider', { status: 'accepted' }],
  ['unanswered submission looked up', { status: 'not-found' }],
  ['provider asked', { outcome: 'running' }],
])('%s, %j, is no provider error', (message, fields) => {
  const [line] = linesOf((log) => log.info(message, fields));
  expect(line).not.toHaveProperty('ProviderErrors');
});

test('polls are set against the tasks that a provider rendered, and no others', async () => {
  const now = () => nowMs;
  const endsOf = async (task: Task) => {
    const lines: string[] = [];
    const log = withMetrics(
      createLog('info', {}, (line) => lines.push(line) > 0),
      'Gateway',
      now,
    );
    const tasks = createObservedTaskStore(createMemoryTaskStore(now), [createLogSteps(log, now)], log);
    await tasks.create(task);
    await tasks.change(task.id, (stored) => failTask(stored, { code: 'refused', reason: 'no' }, nowMs));
    return lines.map((line) => JSON.parse(line)).find(({ TasksEnded }) => TasksEnded === 1);
  };
  expect(await endsOf(aRunningTask())).toHaveProperty('RendersEnded', 1);
  expect(await endsOf(aTask())).not.toHaveProperty('RendersEnded');
});

test('each task that a sweep finds overdue is counted', async () => {
  const now = () => startMs;
  const lines: string[] = [];
  const tasks = createMemoryTaskStore(now);
  await tasks.create(aTask());
  const sweep = createSweep({
    tasks,
    wakeUps: createRecordedWakeUps().wakeUps,
    queue: { reconcile: async () => {} },
    dueShards: 1,
    now,
    budgetMs: 1_000,
    log: withMetrics(
      createLog('info', {}, (line) => lines.push(line) > 0),
      'Gateway',
      now,
    ),
  });
  await sweep();
  const counted = lines.map((line) => JSON.parse(line)).filter(({ OverdueTasks }) => OverdueTasks === 1);
  expect(counted).toHaveLength(1);
});

test('other lines, and lines that lack what would be counted, stay as they are', () => {
  const lines = linesOf((log) => {
    log.info('request', { status: 200 });
    log.info('task submitted');
  });
  expect(lines.map((line) => '_aws' in line)).toEqual([false, false]);
});
