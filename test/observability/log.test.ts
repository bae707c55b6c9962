import { expect, test } from 'vitest';
import { createLog } from '../../lib/observability/log.ts';

test('a line has its level and its time under the names that Lambda reads', () => {
  const lines: string[] = [];
  createLog('info', { function: 'api' }, (line) => lines.push(line) > 0).warn('slow', { taskId: 'task_1' });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    message: 'slow',
    function: 'api',
    taskId: 'task_1',
  });
});
