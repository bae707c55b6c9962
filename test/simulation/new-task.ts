import type { TaskEventType } from '../../lib/tasks/delivery.ts';
import type { QueuedVideo } from '../../lib/tasks/task.ts';
import { dayMs, secondMs } from '../../lib/time.ts';
import type { Estimate } from '../../lib/usage/estimate.ts';
import { secretPrompt } from './invariants.ts';
import { isLive } from './live-and-test.ts';
import type { TaskPlan } from './plan.ts';

const eventsOf: Record<TaskPlan['events'], TaskEventType[]> = {
  none: [],
  ends: ['video.completed', 'video.failed'],
  all: ['video.completed', 'video.failed', 'video.in_progress'],
};

const listMicroUsd = 350_000;
export const estimateOfNewTask: Estimate = {
  parts: [{ per: 'second', quantity: 5, unitMicroUsd: listMicroUsd / 5, microUsd: listMicroUsd }],
};

/** A task as the API stores it. */
export const newTask = (
  id: string,
  { events, deadlineSeconds, workspaceId = 'ws_example' }: TaskPlan,
  acceptedAtMs: number,
): QueuedVideo => ({
  id,
  workspaceId,
  livemode: isLive({ workspaceId }),
  keyName: 'example',
  version: 1,
  kind: 'video',
  state: 'queued',
  model: 'kling/kling-v2-6',
  resolvedModel: 'kling/kling-v2-6',
  action: 'textGenerate',
  seconds: 5,
  size: '1280x720',
  createdAtMs: acceptedAtMs,
  deadlineAtMs: acceptedAtMs + deadlineSeconds * secondMs,
  expiresAtSeconds: (acceptedAtMs + 30 * dayMs) / secondMs,
  requestHash: 'hash',
  ...(events !== 'none' && { callback: { url: 'https://client.example/hook', events: eventsOf[events] } }),
  typicalSeconds: 75,
  price: { listMicroUsd },
  request: { action: 'textGenerate', upstreamModel: 'kling-v2-6', parameters: { prompt: secretPrompt } },
  notBeforeMs: acceptedAtMs,
  attempts: 0,
});
