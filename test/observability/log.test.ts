import { expect, test } from 'vitest';
import { createLog, type LogRecord, recordLines } from '../../lib/observability/log.ts';

test('a line has its level and its time under the names that Lambda reads', () => {
  const records: LogRecord[] = [];
  const log = createLog(recordLines('info', { function: 'api' }, (record) => records.push(record)));
  log.event('video.claim-too-late', { taskId: 'task_1' });
  expect(records[0]).toEqual({
    level: 'warn',
    event: 'video.claim-too-late',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    message: 'submission given up: its claim is about to end',
    function: 'api',
    taskId: 'task_1',
  });
});
