import type { ProviderOperation, VideoAction, VideoRequest } from '../providers/provider.ts';

/** ClearMaas's public statuses. */
export const taskStatuses = [
  'NOT_START',
  'UNKNOWN',
  'SUBMITTED',
  'IN_PROGRESS',
  'SUCCESS',
  'FAILURE',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const eventTypes = ['video.completed', 'video.failed', 'video.in_progress'] as const;
export type EventType = (typeof eventTypes)[number];

/** Where the client wants to hear of this task, and of what. */
export type TaskCallback = { url: string; events: EventType[] };

/**
 * One event on its way to the client's URL. A task carries at most one: a terminal event takes the place of an
 * undelivered progress event.
 */
export type Delivery = {
  /** `evt_…`, the `webhook-id` of every attempt. */
  eventId: string;
  type: EventType;
  createdAtMs: number;
  state: 'pending' | 'delivered' | 'failed';
  /** Scheduled attempts made so far. Redeliveries asked for by the client do not count. */
  attempts: number;
  /** Why the last attempt did not deliver, in words the client may read. */
  lastCause?: string;
  /** When the next attempt is due; present while pending. */
  nextAttemptAtMs?: number;
  /** An attempt is being made; nobody else may make one until then. */
  leaseUntilMs?: number;
};

/** One accepted generation request and its state: the only truth about it. */
export type Task = {
  /** `task_` and 32 characters of `[0-9A-Za-z]`. */
  id: string;
  workspaceId: string;
  /** Counts writes; each one is conditional on the version that it was decided on. */
  version: number;
  /** The public model id as the caller wrote it, and that of the model which serves it. */
  model: string;
  resolvedModel: string;
  action: VideoAction;
  status: TaskStatus;
  createdAtMs: number;
  /** Past this, a task that has not ended fails. */
  deadlineAtMs: number;
  /** When the task may be forgotten. DynamoDB's TTL, in seconds. */
  expiresAtSeconds: number;
  /** Fingerprint of the caller's request body, to recognise a repeat. */
  requestHash: string;
  /** The caller's own reference (`metadata.external_task_id`), echoed. */
  callerReference?: string;
  callback?: TaskCallback;
  /** How long this kind of render takes at the median; basis of progress and polling. */
  typicalSeconds: number;

  /** What to make; erased once the provider has it. */
  request?: VideoRequest;
  submission: Submission;

  operation?: ProviderOperation;
  submittedAtMs?: number;
  startedAtMs?: number;
  endedAtMs?: number;
  /** Names the current chain of poll messages; a message of another chain is stale. */
  pollChain: number;
  /** If nothing was heard of the poll chain by then, the sweep starts another. */
  pollOverdueAtMs?: number;
  /** When the provider's push last made us ask, to keep pushes 2 s apart. */
  pushPolledAtMs?: number;

  resultUrl?: string;
  failReason?: string;
  delivery?: Delivery;
};

/** Everything about handing a task to its provider once. */
export type Submission = {
  /** Not before this. */
  notBeforeMs: number;
  /** A worker has claimed the submission until then. */
  leaseUntilMs?: number;
  /** How often it was claimed. */
  attempts: number;
  /** When a create was last sent whose answer we do not have. Present: look it up before creating again. */
  unansweredSinceMs?: number;
  /** How often that create was looked up without being found. */
  lookUps: number;
};

export const isEnded = (task: Pick<Task, 'status'>): boolean =>
  task.status === 'SUCCESS' || task.status === 'FAILURE';
