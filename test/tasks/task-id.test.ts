import { describe, expect, it } from 'vitest';
import { eventIdFor, newTaskId, taskIdForKey } from '../../lib/tasks/task-id.ts';

const shape = /^task_[0-9A-Za-z]{32}$/;

describe('ids', () => {
  it('are task_ and 32 letters and digits', () => {
    const ids = Array.from({ length: 1_000 }, newTaskId);
    for (const id of ids) expect(id).toMatch(shape);
    expect(new Set(ids).size).toBe(1_000);
    expect(taskIdForKey('workspace-1', 'route', 'key')).toMatch(shape);
  });

  it('are the same for the same workspace, route and Idempotency-Key, and only then', () => {
    const id = taskIdForKey('workspace-1', 'route', 'key');
    expect(taskIdForKey('workspace-1', 'route', 'key')).toBe(id);
    const others = [
      taskIdForKey('workspace-2', 'route', 'key'),
      taskIdForKey('workspace-1', 'other', 'key'),
      taskIdForKey('workspace-1', 'route', 'other'),
      taskIdForKey('workspace-1', 'rout', 'ekey'),
      taskIdForKey('workspace-1route', '', 'key'),
    ];
    expect(others).not.toContain(id);
  });

  it('of an event are the same however often it is made', () => {
    const id = eventIdFor('task_1', 'video.completed');
    expect(id).toMatch(/^evt_[0-9A-Za-z]{32}$/);
    expect(eventIdFor('task_1', 'video.completed')).toBe(id);
    expect(eventIdFor('task_1', 'video.failed')).not.toBe(id);
  });
});
