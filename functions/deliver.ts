import * as z from 'zod/mini';
import { createAttemptStore } from '../lib/callbacks/attempt-store.ts';
import { createDeliverEvent } from '../lib/callbacks/deliver-event.ts';
import { createEndpointLimiter } from '../lib/callbacks/endpoint-limiter.ts';
import { createEventSender } from '../lib/callbacks/event-sender.ts';
import { createReceiverStore } from '../lib/callbacks/receiver-store.ts';
import { createContinueRecovery, createRecoverPage, recoveryMessage } from '../lib/callbacks/recovery.ts';
import { createRunningRecovery } from '../lib/callbacks/running-recovery.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { deliverMessage } from '../lib/tasks/wake-ups.ts';
import { createWorkspaceEventStore } from '../lib/tasks/workspace-event-store.ts';
import { budgetEventIds } from '../lib/usage/tell-budget.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { endsNoTask, startWorker } from './bootstrap/task-dependencies.ts';

const { config, dependencies } = startWorker('deliver', endsNoTask);
const { table, queues, now, random, log } = dependencies;
const receivers = createReceiverStore(table, now);
const workspaceEvents = createWorkspaceEventStore(table, now);

const deliverEvent = createDeliverEvent({
  ...dependencies,
  workspaceEvents,
  workspaces: createWorkspaceStore(table),
  attempts: createAttemptStore(table, now),
  limiter: createEndpointLimiter({ receivers, now, random }),
  send: createEventSender({ allowPrivate: config.CALLBACK_ALLOW_PRIVATE, now }),
});
const recoverPage = createRecoverPage({
  ...dependencies,
  workspaceEvents,
  workspaceEventIds: (workspaceId, { sinceMs, untilMs }) =>
    budgetEventIds(workspaceId, { sinceMs, untilMs: Math.min(untilMs, now()) }),
  running: createRunningRecovery(table, now),
  continueRecovery: createContinueRecovery(queues, config.CALLBACKS_QUEUE_URL),
});

/** One attempt of one event, or one page of a recovery. */
export const handler = forEachRecord(
  z.union([deliverMessage, recoveryMessage]),
  (message) => ('recovery' in message ? recoverPage(message.recovery) : deliverEvent(message)),
  log,
);
