import type { Task } from './task.ts';

/** ClearMaas's public statuses; {@link statusOf} derives them. */
export const taskStatuses = [
  'NOT_START',
  'UNKNOWN',
  'SUBMITTED',
  'IN_PROGRESS',
  'SUCCESS',
  'FAILURE',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** The task's status on the wire. */
export const statusOf = (task: Task): TaskStatus => {
  switch (task.state) {
    case 'queued':
      return task.kind === 'image' && task.attempts > 0 ? 'IN_PROGRESS' : 'NOT_START';
    case 'submitting':
      return task.kind === 'image' ? 'IN_PROGRESS' : 'NOT_START';
    case 'unconfirmed':
      return 'UNKNOWN';
    case 'running':
      return task.render.startedAtMs === undefined ? 'SUBMITTED' : 'IN_PROGRESS';
    case 'ended':
      return task.result.status;
  }
};
