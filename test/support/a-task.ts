import type { Task } from '../../lib/tasks/task.ts';

export const startMs = Date.parse('2026-11-22T12:00:00Z');

/** An ordinary text-to-video task, just accepted. */
export const aTask = (changes: Partial<Task> = {}): Task => ({
  id: 'task_0123456789ABCDEFGHIJKLMNOPQRSTUV',
  workspaceId: 'workspace-1',
  version: 1,
  model: 'kling/kling-v2-6',
  resolvedModel: 'kling/kling-v2-6',
  action: 'textGenerate',
  status: 'NOT_START',
  createdAtMs: startMs,
  deadlineAtMs: startMs + 7_200_000,
  expiresAtSeconds: startMs / 1000 + 30 * 86_400,
  requestHash: 'hash',
  typicalSeconds: 75,
  request: {
    action: 'textGenerate',
    upstreamModel: 'kling-v2-6',
    parameters: { prompt: 'rain on a tin roof' },
  },
  submission: { notBeforeMs: startMs, attempts: 0, lookUps: 0 },
  pollChain: 0,
  ...changes,
});

/** The same task once Kling has it. */
export const aSubmittedTask = (changes: Partial<Task> = {}): Task => {
  const { request: _request, ...task } = aTask();
  return {
    ...task,
    status: 'SUBMITTED',
    operation: { action: 'textGenerate', id: '867283741759111202' },
    submittedAtMs: startMs,
    pollChain: 1,
    pollOverdueAtMs: startMs + 300_000,
    submission: { notBeforeMs: startMs, attempts: 1, lookUps: 0 },
    ...changes,
  };
};
