import type { HeldBudget } from '../../lib/api/held-budget.ts';
import { createHoldBudget, type HoldBudgetDependencies } from '../../lib/api/hold-budget.ts';
import type { AttemptStore } from '../../lib/callbacks/attempt-store.ts';
import { createDeliverEvent } from '../../lib/callbacks/deliver-event.ts';
import type { EndpointLimiter } from '../../lib/callbacks/endpoint-limiter.ts';
import { ApiError } from '../../lib/errors.ts';
import { defaultDueShards, sweepBudgetSeconds } from '../../lib/limits.ts';
import type { StatusUpdate } from '../../lib/providers/provider.ts';
import { createSweep } from '../../lib/tasks/sweep.ts';
import type { Task } from '../../lib/tasks/task.ts';
import type { DeliverMessage, PollMessage, WakeUps } from '../../lib/tasks/wake-ups.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { secondMs } from '../../lib/time.ts';
import { openAccounts } from '../../lib/usage/accounts.ts';
import { createReconcileBudgets } from '../../lib/usage/reconcile-budgets.ts';
import { cancel } from '../../lib/videos/cancel.ts';
import { createConnectedTasks } from '../../lib/videos/connected-tasks.ts';
import { createPollVideo } from '../../lib/videos/poll-video.ts';
import { createReceiveProviderWebhook } from '../../lib/videos/provider-webhook.ts';
import { createSubmitVideo } from '../../lib/videos/submit-video.ts';
import { aWorkspace } from '../support/keys.ts';
import { silentLog } from '../support/silent-log.ts';
import type { Kling } from './kling.ts';
import { createSides } from './live-and-test.ts';
import { estimateOfNewTask } from './new-task.ts';
import type { MaxInFlight } from './plan.ts';
import type { Message, QueueName } from './queues.ts';
import type { Randomness } from './randomness.ts';
import type { Receivers } from './receivers.ts';
import type { Situation } from './situation.ts';
import type { SimulatedTable } from './table.ts';
import type { Worker } from './workers.ts';

const workspace = aWorkspace();

type HouseOptions = {
  maxInFlight: MaxInFlight;
  capMicroUsd: number | undefined;
  table: SimulatedTable;
  kling: Kling;
  receivers: Receivers;
  wakeUpsOf(worker: Worker): WakeUps;
  situation: Situation;
  random: Randomness;
  /** Whose task a provider was asked for, or the sandbox. */
  onAsked(taskId: string, livemode: boolean): void;
};

/** The product itself: the real steps, each on the worker that runs it. */
export const createHouse = (options: HouseOptions) => {
  const { table, kling, receivers, wakeUpsOf, situation, random, maxInFlight, capMicroUsd, onAsked } =
    options;
  /** Tasks that a caller was told of with a 200, and those that he was told are called off. */
  const accepted = new Set<string>();
  const cancelled = new Set<string>();

  const dependenciesOf = (worker: Worker) => {
    const given = {
      table: table.of(worker),
      ...openAccounts(table.of(worker), worker.now),
      wakeUps: wakeUpsOf(worker),
      now: worker.now,
      random: random.next,
      log: silentLog,
      dueShards: defaultDueShards,
    };
    return {
      ...given,
      ...createConnectedTasks(given),
      workspaceEvents: createWorkspaceEventStore(given.table, given.now),
      providerOf: createSides(kling.providerOf(worker), onAsked),
    };
  };

  const limiterOf = (worker: Worker): EndpointLimiter => ({
    acquire: () =>
      worker.call('acquire', () =>
        random.happens(situation.troubles().badReceiver / 4)
          ? { admitted: false, untilMs: worker.now() + random.between(1, 60) * secondMs, cause: 'put off' }
          : { admitted: true, release: () => worker.call('release', () => {}) },
      ),
  });
  const attemptsOf = (worker: Worker): AttemptStore => ({
    record: () => worker.call('log attempt', () => {}),
    list: async () => ({ attempts: [], hasMore: false }),
    deleteAll: async () => {},
  });

  const submit = (worker: Worker, { taskId }: Message) =>
    createSubmitVideo({
      ...dependenciesOf(worker),
      maxInFlight: (workspaceId) => worker.call('find workspace', () => maxInFlight[workspaceId]),
      webhookUrlFor: () => undefined,
      discardInputs: () => worker.call('discard inputs', () => {}),
      copiesResults: false,
    })(taskId);
  const poll = (worker: Worker, message: Message) =>
    createPollVideo(dependenciesOf(worker))(message as PollMessage);
  const deliver = (worker: Worker, message: Message) =>
    createDeliverEvent({
      ...dependenciesOf(worker),
      workspaces: { find: () => worker.call('find workspace', () => workspace) },
      attempts: attemptsOf(worker),
      limiter: limiterOf(worker),
      send: receivers.sendOf(worker),
    })(message as DeliverMessage);
  const handlers: Record<QueueName, (worker: Worker, message: Message) => Promise<void>> = {
    submissions: submit,
    polls: poll,
    callbacks: deliver,
  };

  /** As the API does before it stores a task. */
  const holdBudget = async (
    dependencies: HoldBudgetDependencies,
    { id: taskId, createdAtMs, workspaceId, livemode }: Task,
  ): Promise<HeldBudget | undefined | 'refused'> => {
    const cap = capMicroUsd === undefined ? {} : { cap: { microUsd: capMicroUsd, per: 'day' } as const };
    try {
      return await createHoldBudget(dependencies)(
        { ...workspace, id: workspaceId, livemode, ...cap },
        { taskId, acceptedAtMs: createdAtMs, estimate: estimateOfNewTask },
      );
    } catch (error) {
      if (error instanceof ApiError && error.code === 'budget_exceeded') return 'refused';
      throw error;
    }
  };

  return {
    accepted,
    cancelled,
    handlers,
    sweep: (worker: Worker) => {
      const dependencies = dependenciesOf(worker);
      return createSweep({
        ...dependencies,
        reconcileBudgets: createReconcileBudgets(dependencies),
        dueShards: defaultDueShards,
        budgetMs: sweepBudgetSeconds * secondMs,
      })();
    },
    accept: (task: Task) => async (worker: Worker) => {
      const dependencies = dependenciesOf(worker);
      const { tasks, wakeUps } = dependencies;
      const isThere = capMicroUsd !== undefined && (await tasks.find(task.id)) !== undefined;
      if (!isThere) {
        const held = await holdBudget(dependencies, task);
        if (held === 'refused') return;
        await (held?.store(tasks, task) ?? tasks.create(task));
      }
      accepted.add(task.id);
      await wakeUps.sendSubmit(task.id);
    },
    callOff: (taskId: string) => async (worker: Worker) => {
      let isCancelled = false;
      const { changed } = await dependenciesOf(worker).tasks.change(taskId, (task) => {
        const decision = cancel(task, worker.now());
        isCancelled = decision.cancelled;
        return decision.cancelled ? decision.task : undefined;
      });
      if (isCancelled && changed) cancelled.add(taskId);
    },
    receiveWebhook: (taskId: string, said: StatusUpdate | undefined) => (worker: Worker) =>
      createReceiveProviderWebhook(dependenciesOf(worker))(taskId, said),
  };
};
