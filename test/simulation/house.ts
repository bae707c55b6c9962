import type { AttemptStore } from '../../lib/callbacks/attempt-store.ts';
import { createDeliverEvent } from '../../lib/callbacks/deliver-event.ts';
import type { ReceiverGate } from '../../lib/callbacks/receiver-gate.ts';
import { cancel } from '../../lib/tasks/cancel.ts';
import { createDynamoTaskStore, dueShards } from '../../lib/tasks/dynamo-task-store.ts';
import { createHearPush } from '../../lib/tasks/hear-push.ts';
import { createInFlight } from '../../lib/tasks/in-flight.ts';
import { createLetNextIn } from '../../lib/tasks/let-next-in.ts';
import { createPollTask } from '../../lib/tasks/poll-task.ts';
import { createSubmitTask } from '../../lib/tasks/submit-task.ts';
import { createSweep } from '../../lib/tasks/sweep-tasks.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { createWaitingLine } from '../../lib/tasks/waiting-line.ts';
import type { DeliverMessage, PollMessage, WakeUps } from '../../lib/tasks/wake-ups.ts';
import { createWatchedTaskStore } from '../../lib/tasks/watched-task-store.ts';
import { secondMs } from '../../lib/time.ts';
import { aWorkspace } from '../support/keys.ts';
import { silentLog } from '../support/silent-log.ts';
import type { Kling } from './kling.ts';
import type { MaxInFlight } from './plan.ts';
import type { Said } from './pushes.ts';
import type { Message, QueueName } from './queues.ts';
import type { Randomness } from './randomness.ts';
import type { Receivers } from './receivers.ts';
import type { Situation } from './situation.ts';
import type { SimulatedTable } from './table.ts';
import type { Worker } from './workers.ts';

const workspace = aWorkspace();

export type HouseOptions = {
  maxInFlight: MaxInFlight;
  table: SimulatedTable;
  kling: Kling;
  receivers: Receivers;
  wakeUpsOf(worker: Worker): WakeUps;
  situation: Situation;
  random: Randomness;
};

/** The product itself: the real steps, each on the worker that runs it. */
export const createHouse = (options: HouseOptions) => {
  const { table, kling, receivers, wakeUpsOf, situation, random, maxInFlight } = options;
  /** Tasks that a caller was told of with a 200, and those that he was told are called off. */
  const accepted = new Set<string>();
  const cancelled = new Set<string>();

  const tasksOf = (worker: Worker) =>
    createWatchedTaskStore(createDynamoTaskStore(table.of(worker), worker.now), silentLog, worker.now);

  const lineOf = (worker: Worker) => createWaitingLine({ table: table.of(worker), now: worker.now });

  const dependenciesOf = (worker: Worker) => ({
    tasks: tasksOf(worker),
    line: lineOf(worker),
    inFlight: createInFlight(table.of(worker)),
    maxInFlight: (workspaceId: string) => worker.call('find workspace', () => maxInFlight[workspaceId]),
    provider: kling.providerOf(worker),
    wakeUps: wakeUpsOf(worker),
    now: worker.now,
    random: random.next,
    log: silentLog,
  });

  const gateOf = (worker: Worker): ReceiverGate => ({
    enter: () =>
      worker.call('enter', () =>
        random.happens(situation.troubles().badReceiver / 4)
          ? { admitted: false, untilMs: worker.now() + random.between(1, 60) * secondMs, cause: 'put off' }
          : { admitted: true, leave: () => worker.call('leave', () => {}) },
      ),
  });
  const attemptsOf = (worker: Worker): AttemptStore => ({
    record: () => worker.call('log attempt', () => {}),
    list: async () => ({ attempts: [], hasMore: false }),
  });

  const submit = (worker: Worker, { taskId }: Message) =>
    createSubmitTask({
      ...dependenciesOf(worker),
      pushUrlFor: () => undefined,
      discardInputs: () => worker.call('discard inputs', () => {}),
    })(taskId);
  const poll = (worker: Worker, message: Message) =>
    createPollTask({
      ...dependenciesOf(worker),
      onSlotFreed: createLetNextIn(dependenciesOf(worker)),
    })(message as PollMessage);
  const deliver = (worker: Worker, message: Message) =>
    createDeliverEvent({
      ...dependenciesOf(worker),
      workspaces: { find: () => worker.call('find workspace', () => workspace) },
      attempts: attemptsOf(worker),
      gate: gateOf(worker),
      send: receivers.sendOf(worker),
    })(message as DeliverMessage);
  const handlers: Record<QueueName, (worker: Worker, message: Message) => Promise<void>> = {
    submissions: submit,
    polls: poll,
    callbacks: deliver,
  };

  return {
    accepted,
    cancelled,
    handlers,
    sweep: (worker: Worker) =>
      createSweep({ ...dependenciesOf(worker), dueShards, budgetMs: 45 * secondMs })(),
    accept: (task: Task) => async (worker: Worker) => {
      await tasksOf(worker).create(task);
      accepted.add(task.id);
      await wakeUpsOf(worker).submit({ taskId: task.id });
    },
    callOff: (taskId: string) => async (worker: Worker) => {
      let isCancelled = false;
      const change = await tasksOf(worker).change(taskId, (task) => {
        const decision = cancel(task, worker.now());
        isCancelled = decision.cancelled;
        return decision.cancelled ? decision.task : undefined;
      });
      if (!isCancelled || !change.changed) return;
      cancelled.add(taskId);
      await createLetNextIn(dependenciesOf(worker))(change.task);
    },
    push: (taskId: string, said: Said) => (worker: Worker) =>
      createHearPush(dependenciesOf(worker))(taskId, said, silentLog),
  };
};
export type House = ReturnType<typeof createHouse>;
