import type { CallbackEvent } from '../../lib/callbacks/event.ts';
import { chosenBy } from '../../lib/providers/configured.ts';
import type { VideoProvider, VideoProviderOf } from '../../lib/providers/provider.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { promise } from './invariants.ts';
import type { TaskPlan } from './plan.ts';

/** Its tasks are those of a test key. */
export const testWorkspaceId = 'ws_test';

export const isLive = ({ workspaceId }: Pick<TaskPlan, 'workspaceId'>): boolean =>
  workspaceId !== testWorkspaceId;

/** Watches that a test key's task never meets a provider, a live key's never the sandbox, and that each says what it is. */
export const createModeCheck = (planOf: (taskId: string) => TaskPlan) => ({
  onWrite: ({ id, livemode }: Task): void =>
    promise(livemode === isLive(planOf(id)), `a task stays live or test for ever; ${id}`),
  onEvent: ({ body }: CallbackEvent): void => {
    const { data } = JSON.parse(body.toString()) as { data: { id: string; livemode: boolean } };
    promise(data.livemode === isLive(planOf(data.id)), `an event says whether it is live; ${data.id}`);
  },
  onAsked: (taskId: string, livemode: boolean): void =>
    promise(
      livemode === isLive(planOf(taskId)),
      `${taskId} was brought to the ${livemode ? 'provider' : 'sandbox'}`,
    ),
});

/** A provider and the sandbox, chosen as the product chooses. Both are played by one, which tells who was asked for what. */
export const createSides = (
  played: VideoProvider,
  onAsked: (taskId: string, livemode: boolean) => void,
): VideoProviderOf => {
  const side = (livemode: boolean): VideoProvider => ({
    name: played.name,
    prepare: (request, options) => {
      onAsked(options.taskId, livemode);
      return played.prepare(request, options);
    },
    find: async (action, taskId) => {
      onAsked(taskId, livemode);
      return (await played.find?.(action, taskId)) ?? { status: 'not-found' };
    },
    poll: (operation) => {
      onAsked(operation.id.replace('kling-', ''), livemode);
      return played.poll(operation);
    },
  });
  const sides = { live: side(true), test: side(false) };
  return (task) => chosenBy(sides, task);
};
