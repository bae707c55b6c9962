import { describe, expect, it } from 'vitest';
import { readableLine } from '../../local/readable-line.ts';

const timestamp = new Date(2026, 10, 26, 9, 5, 7).toISOString();
const lineOf = (event: string, fields: object = {}, level: 'info' | 'warn' | 'error' = 'info') =>
  readableLine({
    level,
    timestamp,
    event,
    message: 'what happened',
    function: 'api',
    requestId: 'r',
    ...fields,
  });

describe('a line of the log in a terminal', () => {
  it('says a request in its own words', () => {
    const fields = { method: 'GET', path: '/v1/models', status: 200, durationMs: 3, workspaceId: 'ws_local' };
    expect(lineOf('request.answered', fields)).toBe('09:05:07  GET /v1/models 200 (3 ms)');
  });

  it('says what lines that were joined say', () => {
    const fields = { from: 'SUBMITTED', to: 'IN_PROGRESS', outcome: 'running', taskId: 'task_1' };
    expect(lineOf('video.polled, task.moved', fields)).toBe(
      '09:05:07  the provider was asked: running; SUBMITTED -> IN_PROGRESS  task_1',
    );
  });

  it('says whatever else there is by names and values, an error with its stack', () => {
    const error = { name: 'Error', message: 'no', stack: 'Error: no\n    at here' };
    expect(lineOf('local.sweep-failed', { queue: 'polls', count: 2, error }, 'error')).toBe(
      '09:05:07  ERROR  what happened queue=polls count=2\n  Error: no\n    at here',
    );
  });

  it('says why something is tried again, without a stack', () => {
    const error = { name: 'Error', message: 'connect ECONNREFUSED', stack: 'Error\n    at here' };
    expect(lineOf('local.queue-unreachable', { queue: 'polls', error }, 'warn')).toBe(
      '09:05:07  WARN  what happened queue=polls: connect ECONNREFUSED',
    );
  });

  it('leaves out what recurs each minute without a cause', () => {
    expect(lineOf('sweep.ended', { seen: 3 })).toBeUndefined();
  });
});
