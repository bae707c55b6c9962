import { randomBytes } from 'node:crypto';
import type { Workspace } from '../keys/workspace.ts';
import type { EventType } from '../tasks/delivery.ts';
import { type Task, videoIdentity } from '../tasks/task.ts';
import { taskData } from '../tasks/task-data.ts';
import type { EventHead } from '../tasks/task-event.ts';
import type { WorkspaceEvent } from '../tasks/workspace-event.ts';
import { toEpochSeconds } from '../time.ts';

/** A message to a receiver: its id and its exact bytes. */
export type CallbackEvent = { id: string; body: Buffer };

type EventContent = { id: string; type: EventType | 'callback.test'; createdAtMs: number; data: object };

const eventOf = ({ id, type, createdAtMs, data }: EventContent): CallbackEvent => {
  const payload = {
    id,
    object: 'event',
    type,
    created_at: toEpochSeconds(createdAtMs),
    timestamp: new Date(createdAtMs).toISOString(),
    data,
  };
  return { id, body: Buffer.from(JSON.stringify(payload)) };
};

/** The end that came after a progress event is not part of it. */
const beforeItsEnd = (task: Task): Task =>
  task.kind === 'video' && task.state === 'ended' && task.render !== undefined
    ? {
        ...videoIdentity.parse(task),
        state: 'running',
        render: task.render,
        pollGeneration: 0,
        pollOverdueAtMs: 0,
      }
    : task;

/** What the task looked like when the event happened, so that every attempt sends the same bytes. */
export const taskEvent = (task: Task, { eventId, type, createdAtMs }: EventHead): CallbackEvent => {
  const then = type === 'video.in_progress' ? beforeItsEnd(task) : task;
  return eventOf({ id: eventId, type, createdAtMs, data: { id: task.id, ...taskData(then, createdAtMs) } });
};

/** The same bytes at every attempt: nothing of it changes. */
export const workspaceCallback = ({ id, type, createdAtMs, data }: WorkspaceEvent): CallbackEvent =>
  eventOf({ id, type, createdAtMs, data });

/** An event for a client to try its receiver with. Each has an id of its own. */
export const testEvent = ({ livemode }: Pick<Workspace, 'livemode'>, nowMs: number): CallbackEvent =>
  eventOf({
    id: `evt_test${randomBytes(14).toString('hex')}`,
    type: 'callback.test',
    createdAtMs: nowMs,
    data: { message: 'This is a test. Your receiver got it, and it changes nothing.', livemode },
  });
