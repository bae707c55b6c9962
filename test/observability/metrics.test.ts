import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type EventName, events, type FieldsOf } from '../../lib/observability/events.ts';
import { createLog, type LogRecord, recordLines } from '../../lib/observability/log.ts';
import { measureLines } from '../../lib/observability/metrics.ts';
import { createLogSteps } from '../../lib/tasks/log-steps.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { createSweep } from '../../lib/tasks/sweep.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aRunningTask, aTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';

const root = new URL('../../', import.meta.url).pathname;
const nowMs = Date.UTC(2026, 10, 22, 12);

/** A log with metrics, and the lines that it writes. */
const aMeasuredLog = (now = () => nowMs) => {
  const lines: LogRecord[] = [];
  const write = recordLines('info', { function: 'poll' }, (record) => lines.push(record));
  return { log: createLog(measureLines(write, 'Gateway', now)), lines };
};

const lineOf = <Name extends EventName>(name: Name, fields: FieldsOf<Name>): LogRecord | undefined => {
  const { log, lines } = aMeasuredLog();
  log.event(name, fields);
  return lines[0];
};

test('a line that says something countable is a metric as well, in CloudWatch’s format', () => {
  const line = lineOf('task.accepted', { taskId: 'task_1', model: 'kling/kling-v2-6' });
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
  const { log, lines } = aMeasuredLog();
  const task = { taskId: 'task_1', workspaceId: 'ws_1', model: 'm' };
  log.event('task.ended', { ...task, status: 'SUCCESS', durationMs: 5, rendered: true });
  log.event('video.handed-over', { taskId: 'task_1', attempt: 1, status: 'operator-fault' });
  log.event('video.polled', { taskId: 'task_1', outcome: 'unanswered', code: '5000' });
  expect(lines).toHaveLength(3);
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
  ['operator-fault', 'error', 1],
  ['busy', 'info', undefined],
])(
  'a provider that answers %s is told as %s and counts as account trouble: %s',
  (status, level, expected) => {
    const line = lineOf('video.handed-over', { taskId: 'task_1', attempt: 1, status });
    expect(line).toMatchObject({ level });
    expect(line?.['ProviderAccountTrouble']).toBe(expected);
  },
);

const handedOver = (status: string, code?: string) =>
  lineOf('video.handed-over', { taskId: 'task_1', attempt: 1, status, ...(code !== undefined && { code }) });
const lookedUp = (status: string, code?: string) =>
  lineOf('video.looked-up', { taskId: 'task_1', attempt: 1, status, ...(code !== undefined && { code }) });
const polled = (outcome: string, code?: string) =>
  lineOf('video.polled', { taskId: 'task_1', outcome, ...(code !== undefined && { code }) });

test.each([
  ['a look-up', lookedUp('operator-fault', '1002')],
  ['a poll', polled('operator-fault', '1002')],
])(
  '%s that Kling refuses for our account is told as an error and counts as account trouble',
  (_what, line) => {
    expect(line).toMatchObject({
      level: 'error',
      ProviderAccountTrouble: 1,
      ProviderErrors: 1,
      Code: '1002',
    });
  },
);

test.each([
  ['a create that is busy', handedOver('busy', '1303'), '1303'],
  ['a create that is refused', handedOver('refused', '1301'), '1301'],
  ['a look-up without an answer', lookedUp('unanswered', '5000'), '5000'],
  ['a poll that fails', polled('unanswered', '5002'), '5002'],
  ['a poll without an answer', polled('unanswered'), 'none'],
])('%s counts as a provider error by its code', (_what, line, code) => {
  expect(line).toMatchObject({ ProviderErrors: 1, Code: code });
});

test.each([
  ['a create that is accepted', handedOver('accepted')],
  ['a look-up that finds nothing', lookedUp('not-found')],
  ['a poll of a running task', polled('running')],
])('%s is no provider error', (_what, line) => {
  expect(line).not.toHaveProperty('ProviderErrors');
});

test('a sweep measures for how long the first in a queue has waited, and counts what it could not repair', () => {
  expect(lineOf('queues.reconciled', { queues: 3, oldestWaitMs: 90_000 })).toMatchObject({
    OldestQueueWait: 90_000,
  });
  const error = new Error('no such table');
  for (const event of ['queue.not-reconciled', 'queues.unread'] as const)
    expect(lineOf(event, { error })).toMatchObject({ QueueFailures: 1 });
});

test.each([
  'budget.not-settled',
  'budget.not-reconciled',
  'budgets.unread',
  'usage.not-booked',
  'images.not-kept',
] as const)('%s counts as a failure of the books', (event) => {
  const fields = {
    error: new Error('no such table'),
    requestId: 'req_1',
    taskId: 'task_1',
    workspaceId: 'ws_1',
  };
  expect(lineOf(event, fields)).toMatchObject({ BookkeepingFailures: 1 });
});

test('polls are set against the tasks that a provider rendered, and no others', async () => {
  const now = () => nowMs;
  const endsOf = async (task: Task) => {
    const { log, lines } = aMeasuredLog();
    const tasks = createObservedTaskStore(createMemoryTaskStore(now), [createLogSteps(log, now)], log);
    await tasks.create(task);
    await tasks.change(task.id, (stored) => failTask(stored, { code: 'refused', reason: 'no' }, nowMs));
    return lines.find((line) => line['TasksEnded'] === 1);
  };
  expect(await endsOf(aRunningTask())).toHaveProperty('RendersEnded', 1);
  expect(await endsOf(aTask())).not.toHaveProperty('RendersEnded');
});

test('what test keys make feeds no metric, and its lines say so', async () => {
  const now = () => nowMs;
  const { log, lines } = aMeasuredLog();
  const tasks = createObservedTaskStore(createMemoryTaskStore(now), [createLogSteps(log, now)], log);
  const task = aRunningTask({
    livemode: false,
    callback: { url: 'https://a.example', events: ['video.failed'] },
  });
  await tasks.create(task);
  await tasks.change(task.id, (stored) => failTask(stored, { code: 'refused', reason: 'no' }, nowMs));
  expect(lines.map(({ event, livemode }) => [event, livemode])).toEqual([['task.ended', false]]);
  expect(lines[0]).not.toHaveProperty('_aws');
});

test('each task that a sweep finds overdue is counted', async () => {
  const now = () => startMs;
  const { log, lines } = aMeasuredLog(now);
  const tasks = createMemoryTaskStore(now);
  await tasks.create(aTask());
  const sweep = createSweep({
    tasks,
    wakeUps: createRecordedWakeUps().wakeUps,
    queue: { reconcile: async () => {} },
    reconcileBudgets: async () => {},
    dueShards: 1,
    now,
    budgetMs: 1_000,
    log,
  });
  await sweep();
  const counted = lines.filter((line) => line['OverdueTasks'] === 1);
  expect(counted).toHaveLength(1);
});

test('what is not counted stays as it is', () => {
  expect(
    lineOf('request.answered', { method: 'GET', path: '/', status: 200, durationMs: 1 }),
  ).not.toHaveProperty('_aws');
});

test('each event of the list is told somewhere, and once at least', async () => {
  const sources: string[] = [];
  for (const room of ['lib', 'functions', 'local'])
    for await (const file of glob(`${room}/**/*.ts`, { cwd: root }))
      if (!file.endsWith('observability/events.ts') && !file.endsWith('observability/metrics.ts'))
        sources.push(await readFile(join(root, file), 'utf8'));
  const all = sources.join('\n');
  expect(Object.keys(events).filter((name) => !all.includes(`'${name}'`))).toEqual([]);
});
