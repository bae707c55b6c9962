import type { Workspace } from '../keys/workspace.ts';
import type { Delivery } from '../tasks/delivery.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { TellDelivery } from '../tasks/tell-delivery.ts';
import type { WorkspaceEvent } from '../tasks/workspace-event.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import type { Carrier } from './delivery.ts';
import { type CallbackEvent, taskEvent, workspaceCallback } from './event.ts';

export type AnyCarrier = Carrier & { id: string; workspaceId: string };

/** What events are written on, and how one is sent from there. */
export type Carriers<One extends AnyCarrier> = {
  /** As `TaskStore.change`; nothing where nothing was changed. */
  change(id: string, decide: (one: One) => One | undefined, seen?: One): Promise<One | undefined>;
  addressOf(one: One, workspace: Workspace): string | undefined;
  /** What it becomes where it turns out that there is no address. */
  unaddressed(one: One): One | undefined;
  eventOf(one: One, claimed: Delivery): CallbackEvent;
  /** `false`: it was deleted, and its delivery log with it. */
  isThere(id: string): Promise<boolean>;
  /** Told to the receiver; an event that is about no task has no delivery log either. */
  taskIdOf(one: One): string | undefined;
};

export const carriedByTasks = (tasks: Pick<TaskStore, 'change' | 'find'>): Carriers<Task> => ({
  async change(id, decide, seen) {
    const { changed, task } = await tasks.change(id, decide, seen);
    return changed ? task : undefined;
  },
  addressOf: ({ callback }) => callback?.url,
  unaddressed: () => undefined,
  eventOf: taskEvent,
  isThere: async (id) => (await tasks.find(id)) !== undefined,
  taskIdOf: ({ id }) => id,
});

/** A task's store logs what becomes of its event; here it is done with the change. */
export const carriedByThemselves = (
  workspaceEvents: Pick<WorkspaceEventStore, 'change'>,
  tellDelivery: TellDelivery,
): Carriers<WorkspaceEvent> => ({
  async change(id, decide) {
    let before: WorkspaceEvent | undefined;
    const after = await workspaceEvents.change(id, (event) => {
      before = event;
      return decide(event);
    });
    if (after !== undefined)
      tellDelivery({ taskId: id, workspaceId: after.workspaceId }, before?.delivery, after.delivery);
    return after;
  },
  addressOf: (_event, { callbackUrl }) => callbackUrl,
  unaddressed: ({ delivery: _delivery, ...event }) => event,
  eventOf: workspaceCallback,
  isThere: async () => true,
  taskIdOf: () => undefined,
});
