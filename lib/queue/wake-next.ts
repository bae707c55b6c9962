import type { Clock } from '../time.ts';
import { modelQueue, parkedQueuesOf, taskIdAt } from './membership.ts';
import type { QueueStore } from './queue-store.ts';
import { type Entry, isInOrder, maxAsking, whoMayAsk } from './window.ts';

export type Wake = (taskId: string) => Promise<void>;

type Dependencies = { store: Pick<QueueStore, 'state' | 'front' | 'queues'>; wake: Wake; now: Clock };

/** Wakes those whose way is free now. May be called any number of times: whoever may not go on finds that out. */
export const createWakeNext = ({ store, wake, now }: Dependencies) => {
  const isIdle = ({ askingUntilMs }: Entry): boolean => askingUntilMs <= now();
  const wakeAll = async (entries: readonly Entry[]): Promise<void> => {
    await Promise.all(entries.filter(isIdle).map(({ place }) => wake(taskIdAt(place))));
  };

  return {
    /** Those who may ask the provider and do not ask already. */
    async wakeModel(model: string): Promise<void> {
      const queue = modelQueue(model);
      const { window } = await store.state(queue);
      await wakeAll(whoMayAsk(await store.front(queue, maxAsking(window), isInOrder), window));
    },
    /** The first of a workspace's tasks for each model. */
    async wakeWorkspace(workspaceId: string): Promise<void> {
      const queues = await store.queues(parkedQueuesOf(workspaceId));
      const fronts = await Promise.all(queues.map(({ queue }) => store.front(queue, 1, isIdle)));
      await wakeAll(fronts.flatMap((entries) => entries.find(isIdle) ?? []));
    },
  };
};
export type WakeNext = ReturnType<typeof createWakeNext>;
