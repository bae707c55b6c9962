import * as z from 'zod/mini';
import type { JsonObject } from '../json.ts';
import { delivery, type EventType } from './delivery.ts';
import { eventHead, newDelivery } from './task-event.ts';

/** An event of a workspace that is about none of its tasks. It goes the way of all events, and is in the same feed. */
export const workspaceEvent = z.object({
  /** `evt_…` */
  id: z.string(),
  workspaceId: z.string(),
  type: z.custom<EventType>(),
  createdAtMs: z.number(),
  data: z.custom<JsonObject>(),
  /** Absent once it was clear that the workspace has no address. */
  delivery: z.exactOptional(delivery),
  version: z.number(),
  /** DynamoDB's TTL, in seconds. */
  expiresAtSeconds: z.number(),
});
export type WorkspaceEvent = z.infer<typeof workspaceEvent>;

/** One that is about no task has the id of an event. */
export const isWorkspaceEventId = (id: string): boolean => id.startsWith('evt_');

type Happening = Pick<WorkspaceEvent, 'workspaceId' | 'type' | 'data'> & {
  /** What it is about: one event of a type for each. */
  subject: string;
};

/** The event, due at once. */
export const newWorkspaceEvent = (
  { workspaceId, type, data, subject }: Happening,
  { nowMs, expiresAtSeconds }: { nowMs: number; expiresAtSeconds: number },
): WorkspaceEvent => {
  const head = eventHead(subject, type, nowMs);
  return {
    id: head.eventId,
    workspaceId,
    type,
    data,
    createdAtMs: nowMs,
    version: 1,
    delivery: newDelivery(head),
    expiresAtSeconds,
  };
};
