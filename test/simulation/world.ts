import type { AttemptStore } from '../../lib/callbacks/attempt-store.ts';
import { createDeliverEvent } from '../../lib/callbacks/deliver-event.ts';
import type { ReceiverGate } from '../../lib/callbacks/receiver-gate.ts';
import { cancel } from '../../lib/tasks/cancel.ts';
import { createDynamoTaskStore, dueShards } from '../../lib/tasks/dynamo-task-store.ts';
import { createPollTask } from '../../lib/tasks/poll-task.ts';
import { createSubmitTask } from '../../lib/tasks/submit-task.ts';
import { createSweep } from '../../lib/tasks/sweep-tasks.ts';
import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { taskIdForKey } from '../../lib/tasks/task-id.ts';
import type { DeliverMessage } from '../../lib/tasks/wake-ups.ts';
import { createWatchedTaskStore } from '../../lib/tasks/watched-task-store.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { aWorkspace } from '../support/keys.ts';
import { silentLog } from '../support/silent-log.ts';
import { checkEnd } from './end.ts';
import {
  BrokenPromise,
  checkArrival,
  checkCreate,
  checkWrite,
  createForgettingCheck,
  promise,
} from './invariants.ts';
import { createKling } from './kling.ts';
import { newTask } from './new-task.ts';
import { houseIsWell, noTroubles, type SimulationPlan, type TaskPlan, type Troubles } from './plan.ts';
import { createQueues, type Message, type QueueName } from './queues.ts';
import { createRandomness } from './randomness.ts';
import { createReceivers } from './receivers.ts';
import { createTable } from './table.ts';
import { createVirtualTime } from './virtual-time.ts';
import { type CallFate, createWorkers, type Worker } from './workers.ts';

const workspace = aWorkspace();
/** As in `cdk/stack.ts`. */
const timeoutSeconds = { api: 29, submissions: 55, polls: 30, callbacks: 30, sweep: 55 };
const horizonMs = 6 * dayMs;
/** A healthy world has at most the chain of polls and one push that was put off. */
const mostPollMessages = 2;
const chainsSettleMs = 30 * minuteMs;

export type RunOptions = {
  /** Decides the fate of single calls, by their number, instead of chance. */
  fateOfCall?: (call: number) => CallFate | undefined;
};

export type RunReport = { calls: number; queries: number; steps: number; trace: string[] };

/** Runs a plan to its end and checks every promise on the way. Throws with the trace of what happened. */
export const simulate = async (plan: SimulationPlan, options: RunOptions = {}): Promise<RunReport> => {
  const trace: string[] = [];
  try {
    return await runPlan(plan, options, trace);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const told = trace.slice(-150).join('\n');
    throw new BrokenPromise(`${words}\n${told}`, { cause: error });
  }
};

const runPlan = async (plan: SimulationPlan, options: RunOptions, trace: string[]): Promise<RunReport> => {
  const time = createVirtualTime(startMs);
  const random = createRandomness(plan.seed);
  const endOfTroublesMs = startMs + plan.troubles.minutes * minuteMs;
  const troubles = () => (time.nowMs() < endOfTroublesMs ? plan.troubles : noTroubles);
  const within = (fromMinute: number, minutes: number) => {
    const minute = (time.nowMs() - startMs) / minuteMs;
    return minute >= fromMinute && minute < fromMinute + minutes;
  };
  const record = (line: string) => trace.push(`${((time.nowMs() - startMs) / secondMs).toFixed(2)} ${line}`);

  /** The first promise that was broken, wherever it was noticed. */
  let broken: unknown;
  const checking = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      broken ??= error;
    }
  };

  /** A worker that outlives its lease may meet its successor. Then Kling's own refusal of a second create must do. */
  const mayFreeze = plan.troubles.frozenCall > 0;
  const lifetimeMs = (name: keyof typeof timeoutSeconds) =>
    mayFreeze ? 15 * minuteMs : timeoutSeconds[name] * secondMs;

  let calls = 0;
  const fateOf = (): CallFate => {
    calls += 1;
    const chosen = options.fateOfCall?.(calls);
    if (chosen !== undefined) return chosen;
    const { crash, failedCall } = troubles();
    if (random.happens(crash)) return random.happens(500) ? 'dies-before' : 'dies-after';
    if (random.happens(failedCall)) return random.happens(500) ? 'fails-before' : 'fails-after';
    return 'answers';
  };
  const workers = createWorkers({
    time,
    fateOf,
    latencyMs: () => {
      if (random.happens(troubles().frozenCall)) return random.between(60, 300) * secondMs;
      return random.happens(troubles().slowCall) ? random.between(1_000, 15_000) : random.between(2, 60);
    },
    skewMs: () => {
      const mostMs = troubles().clockSkewSeconds * secondMs;
      return mostMs === 0 ? 0 : random.between(-mostMs, mostMs);
    },
    trace: record,
  });

  const checkForgetting = createForgettingCheck((worker) => kling.answerTo(worker));
  const table = createTable({
    time,
    indexLagMs: () => random.between(0, troubles().indexLagSeconds * secondMs),
    unreadableItems: plan.troubles.unreadableItems,
    isAnsweredAsLost: () => random.happens(troubles().repeatedWrite),
    onWrite: (before, after, { isDue, by }) => {
      record(`write ${after.id} v${after.version} ${after.status} ${JSON.stringify(after.submission)}`);
      checking(() => checkWrite(before, after, isDue, time.nowMs()));
      checking(() => checkForgetting(before, after, by));
      planSweep();
    },
  });

  const planOf = (taskId: string): TaskPlan => {
    const found = plans.get(taskId);
    if (found === undefined) throw new Error(`no plan for ${taskId}`);
    return found;
  };
  const plans = new Map<string, TaskPlan>(
    plan.tasks.map((task, index) => [taskIdForKey('workspace', 'route', String(index)), task]),
  );

  const kling = createKling({
    time,
    random,
    troubles,
    isDown: () => within(plan.troubles.klingDownFromMinute, plan.troubles.klingDownMinutes),
    planOf,
    onCreate: (taskId) => {
      if (!mayFreeze) checking(() => checkCreate(table.find(taskId)));
    },
    onSecond: (taskId, why) => checking(() => promise(mayFreeze, `the create of ${taskId} ${why}`)),
    push: (taskId) => runApi('push', (worker) => queues.wakeUpsOf(worker).poll({ taskId })),
  });

  const bytes = new Map<string, string>();
  const arrived = new Map<string, number>();
  const receivers = createReceivers({
    time,
    random,
    troubles,
    isDown: () => within(0, plan.troubles.receiverDownMinutes),
    onArrival: (event) => {
      record(`arrived ${event.id}`);
      arrived.set(event.id, (arrived.get(event.id) ?? 0) + 1);
      checking(() => checkArrival(event, bytes, table.find));
    },
    onOverlap: ({ id }) => checking(() => promise(mayFreeze, `two attempts of ${id} at the same time`)),
  });

  const tasksOf = (worker: Worker) =>
    createWatchedTaskStore(
      createDynamoTaskStore(table.clientOf(worker), 'table', worker.now),
      silentLog,
      worker.now,
    );

  const dependenciesOf = (worker: Worker) => ({
    tasks: tasksOf(worker),
    provider: kling.providerOf(worker),
    wakeUps: queues.wakeUpsOf(worker),
    now: worker.now,
    random: random.next,
    log: silentLog,
  });

  const gateOf = (worker: Worker): ReceiverGate => ({
    enter: () =>
      worker.call('enter', () =>
        random.happens(troubles().badReceiver / 4)
          ? { admitted: false, untilMs: worker.now() + random.between(1, 60) * secondMs, cause: 'put off' }
          : { admitted: true, leave: () => worker.call('leave', () => {}) },
      ),
  });
  const attemptsOf = (worker: Worker): AttemptStore => ({
    record: () => worker.call('log attempt', () => {}),
    list: async () => ({ attempts: [], hasMore: false }),
  });

  const handle = (queue: QueueName, message: Message) =>
    workers.run(queue, lifetimeMs(queue), async (worker) => {
      const dependencies = dependenciesOf(worker);
      switch (queue) {
        case 'submissions':
          return createSubmitTask({
            ...dependencies,
            pushUrlFor: () => undefined,
            discardInputs: () => worker.call('discard inputs', () => {}),
          })(message.taskId);
        case 'polls':
          return createPollTask(dependencies)(message as Parameters<ReturnType<typeof createPollTask>>[0]);
        case 'callbacks':
          return createDeliverEvent({
            ...dependencies,
            workspaces: { find: () => worker.call('find workspace', () => workspace) },
            attempts: attemptsOf(worker),
            gate: gateOf(worker),
            send: receivers.sendOf(worker),
          })(message as DeliverMessage);
      }
    });

  const queues = createQueues({
    time,
    random,
    isLost: () => random.happens(troubles().lostMessage),
    isCopied: () => random.happens(troubles().copiedMessage),
    isLate: () => random.happens(troubles().lateMessage),
    handle,
    trace: record,
  });

  const runApi = (name: string, work: (worker: Worker) => Promise<void>): void => {
    void workers.run(name, lifetimeMs('api'), work);
  };

  let nextSweepAtMs = Number.POSITIVE_INFINITY;
  /** Sweeps that would find nothing are left out. */
  const planSweep = (): void => {
    const dueAtMs = Math.max(time.nowMs() + 1, table.nextDueAtMs() ?? Number.POSITIVE_INFINITY);
    const atMs = startMs + Math.ceil((dueAtMs - startMs) / minuteMs) * minuteMs;
    if (atMs >= nextSweepAtMs) return;
    nextSweepAtMs = atMs;
    time.at(atMs, () => {
      if (nextSweepAtMs === atMs) sweep();
    });
  };
  const sweep = (): void => {
    nextSweepAtMs = Number.POSITIVE_INFINITY;
    if (!random.happens(troubles().missedSweep))
      void workers.run('sweep', lifetimeMs('sweep'), async (worker) =>
        createSweep({ ...dependenciesOf(worker), dueShards, budgetMs: 45 * secondMs })(),
      );
    planSweep();
  };

  const accepted = new Set<string>();
  const cancelled = new Set<string>();
  const accept = (task: Task) => async (worker: Worker) => {
    await tasksOf(worker).create(task);
    accepted.add(task.id);
    await queues.wakeUpsOf(worker).submit({ taskId: task.id });
  };
  const callOff = (taskId: string) => async (worker: Worker) => {
    let isCancelled = false;
    const change = await tasksOf(worker).change(taskId, (task) => {
      const decision = cancel(task, worker.now());
      isCancelled = decision.cancelled;
      return decision.cancelled ? decision.task : undefined;
    });
    if (isCancelled && change.changed) cancelled.add(taskId);
  };

  for (const [taskId, each] of plans) {
    const acceptedAtMs = startMs + each.acceptedAtSecond * secondMs;
    for (let repeat = 0; repeat < each.repeats; repeat += 1)
      time.at(acceptedAtMs + repeat, () => runApi('accept', accept(newTask(taskId, each, acceptedAtMs))));
    if (each.cancelledAfterSeconds !== null)
      time.at(acceptedAtMs + each.cancelledAfterSeconds * secondMs, () => runApi('cancel', callOff(taskId)));
  }

  const isQuiet = (): boolean =>
    time.nowMs() > startMs + hourMs / 2 &&
    time.nowMs() > endOfTroublesMs &&
    table.nextDueAtMs() === undefined &&
    table.tasks().every(isEnded) &&
    (['submissions', 'polls', 'callbacks'] as const).every((queue) => queues.waiting(queue).length === 0);

  const checkChains = (): void => {
    if (time.nowMs() < endOfTroublesMs + chainsSettleMs) return;
    for (const taskId of plans.keys()) {
      const waiting = queues.waiting('polls').filter((message) => message.taskId === taskId);
      promise(waiting.length <= mostPollMessages, `copies of poll messages end: ${JSON.stringify(waiting)}`);
    }
  };

  let steps = 0;
  for (;;) {
    if (!(await time.step())) break;
    steps += 1;
    checking(checkChains);
    if (broken !== undefined) throw broken;
    if (time.nowMs() > startMs + horizonMs || (steps % 20 === 0 && isQuiet())) break;
  }

  for (const taskId of accepted) promise(table.find(taskId) !== undefined, 'what was accepted is stored');
  for (const task of table.tasks())
    checkEnd(task, {
      endOfTroublesMs: Math.max(
        endOfTroublesMs,
        startMs + (plan.troubles.klingDownFromMinute + plan.troubles.klingDownMinutes) * minuteMs,
      ),
      isHouseWell: Object.entries(houseIsWell).every(
        ([name, none]) => plan.troubles[name as keyof Troubles] === none,
      ),
      isCancelled: cancelled.has(task.id),
      render: kling.renderOf(task.id),
      mayBeUnknowable: mayFreeze || kling.hasVeryLate(task.id),
      arrivals: arrived.get(task.delivery?.eventId ?? '') ?? 0,
    });
  promise(table.nextDueAtMs() === undefined, 'nothing stays due after the end');
  return { calls, queries: kling.queries(), steps, trace };
};
