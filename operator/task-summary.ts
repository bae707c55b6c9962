import { nextDue } from '../lib/tasks/due.ts';
import type { Task } from '../lib/tasks/task.ts';
import { statusOf } from '../lib/tasks/task-status.ts';

const time = (atMs: number | undefined): string | null =>
  atMs === undefined ? null : new Date(atMs).toISOString();

/** Only where the client listens: the rest of its URL may hold a credential. */
const originOf = (url: string | undefined): string | null => (url === undefined ? null : new URL(url).origin);

/** What an operator may see of a task. Prompts, pictures and links belong to the client. */
export const summariseTask = (task: Task, nowMs: number) => {
  const due = nextDue(task);
  const { delivery } = task;
  const render = 'render' in task ? task.render : undefined;
  return {
    task: task.id,
    workspace: task.workspaceId,
    model: task.model,
    served_by: task.resolvedModel,
    state: task.state,
    status: statusOf(task),
    fail_reason: task.state === 'ended' && task.result.status === 'FAILURE' ? task.result.reason : null,
    created_at: time(task.createdAtMs),
    submitted_at: time(render?.submittedAtMs),
    ended_at: time(task.state === 'ended' ? task.endedAtMs : undefined),
    deadline_at: time(task.deadlineAtMs),
    expires_at: time(task.expiresAtSeconds * 1_000),
    provider_task: render?.operation.id ?? null,
    submission_attempts: 'attempts' in task ? task.attempts : null,
    submission_unanswered_since: time('sentAtMs' in task ? task.sentAtMs : undefined),
    next_step: due?.step ?? null,
    next_step_at: time(due?.atMs),
    overdue: due !== undefined && due.atMs < nowMs,
    callback_to: originOf(task.callback?.url),
    event: delivery?.eventId ?? null,
    event_type: delivery?.type ?? null,
    event_state: delivery?.state ?? null,
    event_attempts: delivery?.attempts ?? null,
    event_last_cause: delivery?.lastCause ?? null,
    version: task.version,
  };
};
