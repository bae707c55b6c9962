import { nextDue } from '../lib/tasks/due.ts';
import type { Task } from '../lib/tasks/task.ts';

const time = (atMs: number | undefined): string | null =>
  atMs === undefined ? null : new Date(atMs).toISOString();

/** Only where the client listens: the rest of its URL may hold a credential. */
const originOf = (url: string | undefined): string | null => (url === undefined ? null : new URL(url).origin);

/** What an operator may see of a task. Prompts, pictures and links belong to the client. */
export const summariseTask = (task: Task, nowMs: number) => {
  const due = nextDue(task);
  const { submission, delivery } = task;
  return {
    task: task.id,
    workspace: task.workspaceId,
    model: task.model,
    served_by: task.resolvedModel,
    status: task.status,
    fail_reason: task.failReason ?? null,
    created_at: time(task.createdAtMs),
    submitted_at: time(task.submittedAtMs),
    ended_at: time(task.endedAtMs),
    deadline_at: time(task.deadlineAtMs),
    expires_at: time(task.expiresAtSeconds * 1_000),
    provider_task: task.operation?.id ?? null,
    submission_attempts: submission.attempts,
    submission_unanswered_since: time(submission.unansweredSinceMs),
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
