export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type Event<Fields> = {
  level: LogLevel | ((fields: Fields) => LogLevel);
  /** For a person. Nothing depends on these words. */
  says: string;
};
const event = <Fields extends object>(level: Event<Fields>['level'], says: string): Event<Fields> => ({
  level,
  says,
});

type Nothing = Record<never, never>;
type Failed = { error: unknown };
/** `livemode` is told where it is `false`: such a line feeds no metric. */
type OfTask = { taskId: string; livemode?: false };
type OfWorkspace = { workspaceId: string };
type OfModel = { model: string };
/** `detail` is in our own words: what a provider writes may tell what the caller asked for. */
type Trouble = { code?: string; detail?: string };

type Delivered = OfTask & OfWorkspace & { eventId: string; type: string; attempts: number; delayMs: number };
type Attempt = OfTask & {
  eventId: string;
  type: string;
  trigger: 'auto' | 'manual';
  attempt?: number;
  origin: string;
  startedAtMs: number;
  durationsMs: object;
  delivered: boolean;
  statusCode?: number;
  errorClass?: string;
  cause?: string;
  nextAttemptAtMs?: number;
};
type HandedOver = OfTask & Trouble & { attempt: number; status: string };
type Request = {
  method: string;
  path: string;
  status: number;
  durationMs: number;
  workspaceId?: string;
  requestedModel?: string;
  model?: string;
  n?: number;
};

const accountFault = 'operator-fault';
const errorFor = (outcome: string, otherwise: LogLevel): LogLevel =>
  outcome === accountFault ? 'error' : otherwise;

/**
 * All that the log tells, by name: what is told with it, how loud, and in which words. Metrics are made from these names.
 * No event holds a prompt, a query, a key, a link to a result, or what a provider says about content.
 */
export const events = {
  'request.answered': event<Request>(({ status }) => (status >= 500 ? 'error' : 'info'), 'request'),
  'request.failed': event<Failed>('error', 'request failed unexpectedly'),
  'wake-up.not-sent': event<Failed>('warn', 'wake-up not sent, left to the sweep'),
  'queue.position-unread': event<OfTask & Failed>('warn', 'queue position not read'),

  'task.accepted': event<OfTask & OfModel & { action?: string; kind?: string }>('info', 'task accepted'),
  'task.submitted': event<OfTask & OfWorkspace & OfModel & { delayMs: number }>('info', 'task submitted'),
  'task.moved': event<OfTask & OfWorkspace & { from: string; to: string }>('info', 'task moved'),
  'task.ended': event<
    OfTask &
      OfWorkspace &
      OfModel & { status: 'SUCCESS' | 'FAILURE'; code?: string; durationMs: number; rendered: boolean }
  >('info', 'task ended'),
  'task.deleted': event<OfTask>('info', 'task deleted'),
  'task.change-unfollowed': event<OfTask & Failed>('warn', 'what follows a change was left to the sweep'),

  'video.handed-over': event<HandedOver>(
    ({ status }) => errorFor(status, 'info'),
    'task handed to the provider',
  ),
  'video.looked-up': event<HandedOver>(
    ({ status }) => errorFor(status, 'info'),
    'unanswered submission looked up',
  ),
  'video.claim-too-late': event<OfTask>('warn', 'submission given up: its claim is about to end'),
  'video.polled': event<OfTask & Trouble & { outcome: string }>(
    ({ outcome }) => errorFor(outcome, 'info'),
    'provider asked',
  ),
  'video.copied': event<OfTask & { durationMs: number }>('info', 'result copied'),
  'video.not-copied': event<OfTask & { durationMs: number; outcome: string; detail: string }>(
    'warn',
    'result not copied',
  ),
  'render-times.unread': event<Failed & { kind: string }>(
    'warn',
    'render times not read, the catalogue serves',
  ),
  'render-times.not-learned': event<OfTask & Failed>('warn', 'a render time was not learned'),

  'queue.not-told': event<Failed>('warn', 'the queue was not told of a create'),
  'queue.member-unreadable': event<OfTask & Failed>(
    'error',
    'a task that could not be read no longer keeps others waiting',
  ),
  'queue.not-reconciled': event<Failed>('error', 'a queue could not be reconciled'),
  'queues.reconciled': event<{ queues: number; oldestWaitMs: number }>('info', 'queues reconciled'),
  'queues.unread': event<Failed>('error', 'the queues could not be read'),

  'budget.settled-late': event<OfTask & OfWorkspace & { spentMicroUsd: number }>(
    'warn',
    'a reservation that was left over was settled',
  ),
  'budget.threshold-reached': event<OfWorkspace & { periodId: string; percent: number }>(
    'warn',
    'a workspace has spent much of its budget, or all',
  ),
  'budget.not-told': event<OfWorkspace & Failed>('warn', 'a threshold was not told, left to the sweep'),
  'budget.not-settled': event<OfTask & Failed>(
    'error',
    'what images cost is missing in a budget: the sweep gives back what was reserved',
  ),
  'budget.not-reconciled': event<OfWorkspace & Failed>('error', 'a budget could not be reconciled'),
  'budgets.unread': event<Failed>('error', 'the budgets could not be read'),

  'images.processed': event<OfTask & { attempt: number; outcome: string }>('info', 'image task worked on'),
  'images.not-settled': event<OfTask & Failed>(
    'warn',
    'what came of an image task could not be written: it is tried again while the task is ours',
  ),
  'images.not-made': event<OfModel & { outcome: string; detail?: string }>(
    ({ outcome }) => errorFor(outcome, 'warn'),
    'images were not made',
  ),
  'images.stored': event<{ fileIds: readonly string[] }>('info', 'images stored'),
  'images.not-kept': event<Failed & { requestId: string }>(
    'error',
    'an answer with images was not kept for repeats',
  ),
  'usage.not-booked': event<Failed & { requestId: string }>(
    'error',
    'a cost was not booked: the ledger shows it as unknown',
  ),
  'image.lost': event<Failed>('error', 'an image was lost on its way into the store'),

  'callback.nothing-due': event<OfTask & { eventId: string }>('debug', 'nothing to deliver'),
  'callback.attempted': event<Attempt>('info', 'attempt made'),
  'callback.put-off': event<OfTask & { eventId: string; untilMs: number; cause: string }>(
    'info',
    'attempt put off',
  ),
  'callback.delivered': event<Delivered>('info', 'event delivered'),
  'callback.undelivered': event<Delivered>('info', 'event undelivered'),
  'callback.unrecorded': event<OfTask & Failed & { eventId: string }>('error', 'attempt not logged'),
  'callback.slot-kept': event<Failed>(
    'error',
    'slot at the receiver not given back; its lease ends by itself',
  ),
  'callbacks.recovered': event<OfWorkspace & { events: number }>('info', 'events recovered'),
  'callbacks.recovery-cut': event<OfWorkspace & { pages: number }>(
    'warn',
    'recovery stopped after its last page',
  ),

  'sweep.woke': event<OfTask & { steps: readonly string[] }>('info', 'woke what was overdue'),
  'sweep.not-woken': event<OfTask & Failed>('error', 'an overdue task could not be woken'),
  'sweep.ended': event<{ seen: number; failed: number }>('info', 'swept'),

  'message.failed': event<Failed & { messageId: string }>('error', 'message failed and will come back'),
  'message.dropped': event<Failed & { messageId: string }>('error', 'message dropped: it cannot be read'),
  'credentials.unread': event<Failed>('warn', 'credentials not read again'),
  'credentials.changed': event<Nothing>('info', 'credentials changed'),

  // On one machine only.
  'local.sweep-failed': event<Failed>('error', 'the sweep failed'),
  'local.function-off': event<{ function: string; reason: string }>('debug', 'a function does not run'),
  'local.api-failed': event<Failed & { requestId: string }>('error', 'the api function failed'),
  'local.queue-unreachable': event<Failed & { queue: string }>(
    'warn',
    'a queue does not answer, trying again',
  ),
  'local.batch-failed': event<Failed & { queue: string }>(
    'error',
    'a batch of messages failed and will come back',
  ),
  'local.data-not-started': event<Failed>('warn', 'the data process does not start, trying again'),
  'local.data-ended': event<{ exitCode: number | null; signal: string | null }>(
    'warn',
    'the data process ended, starting it again',
  ),
  'local.webhook-unsent': event<OfTask & Failed>('debug', 'the fake could not send a webhook'),
  'local.fake-unkept': event<Failed>('warn', 'a fake provider could not keep what it did'),
};

export type EventName = keyof typeof events;
export type FieldsOf<Name extends EventName> =
  (typeof events)[Name] extends Event<infer Fields extends object> ? Fields : never;
