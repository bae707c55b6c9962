import { expect, test } from 'vitest';
import { createLog } from '../lib/log.ts';
import { withMetrics } from '../lib/metrics.ts';

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
    ['task ended', { model: 'm', status: 'SUCCESS', durationMs: 5 }],
    ['task handed to the provider', { status: 'operator-fault' }],
    ['provider asked', { outcome: 'running' }],
    ['images were not made', { outcome: 'operator-fault' }],
    ['attempt made', { delivered: false, errorClass: 'timeout' }],
    ['event delivered', { delayMs: 5 }],
    ['event undelivered', {}],
    ['swept', { woken: 3 }],
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

test('other lines, and lines that lack what would be counted, stay as they are', () => {
  const lines = linesOf((log) => {
    log.info('request', { status: 200 });
    log.info('swept');
  });
  expect(lines.map((line) => '_aws' in line)).toEqual([false, false]);
});
