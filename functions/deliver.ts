import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { createQueueClient, createTableClient } from '../lib/aws-clients.ts';
import { createAttemptStore } from '../lib/callbacks/attempt-store.ts';
import { createDeliverEvent } from '../lib/callbacks/deliver-event.ts';
import { createEventSender } from '../lib/callbacks/event-sender.ts';
import { createReceiverGate } from '../lib/callbacks/receiver-gate.ts';
import { createReceiverStore } from '../lib/callbacks/receiver-store.ts';
import { createContinueRecovery, createRecoverPage, recoveryMessage } from '../lib/callbacks/recovery.ts';
import { loadConfig } from '../lib/config.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { createLog } from '../lib/log.ts';
import { createDynamoTaskStore } from '../lib/tasks/dynamo-task-store.ts';
import { createWakeUps, deliverMessage } from '../lib/tasks/wake-ups.ts';
import { forEachRecord } from './for-each-record.ts';

const config = loadConfig();
const log = createLog(config.LOG_LEVEL, { function: 'deliver' });
const now = Date.now;
const table = createTableClient();
const queues = createQueueClient();
const tasks = createDynamoTaskStore(table, config.TABLE_NAME, now);
const wakeUps = createWakeUps(queues, {
  submissions: config.SUBMISSIONS_QUEUE_URL,
  polls: config.POLLS_QUEUE_URL,
  callbacks: config.CALLBACKS_QUEUE_URL,
});

const deliverEvent = createDeliverEvent({
  tasks,
  workspaces: createWorkspaceStore(table, config.TABLE_NAME),
  attempts: createAttemptStore(table, config.TABLE_NAME, now),
  gate: createReceiverGate({
    receivers: createReceiverStore(table, config.TABLE_NAME, now),
    now,
    random: Math.random,
  }),
  wakeUps,
  send: createEventSender({ allowPrivate: config.CALLBACK_ALLOW_PRIVATE, now }),
  now,
  random: Math.random,
  log,
});
const recoverPage = createRecoverPage({
  tasks,
  wakeUps,
  continueRecovery: createContinueRecovery(queues, config.CALLBACKS_QUEUE_URL),
  now,
  log,
});

/** Woken by the callbacks queue: one attempt of one event, or one page of a recovery. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  forEachRecord(
    event,
    z.union([deliverMessage, recoveryMessage]),
    (message) => ('recovery' in message ? recoverPage(message.recovery) : deliverEvent(message)),
    log,
  );
