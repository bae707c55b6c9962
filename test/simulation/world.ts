import { functionTimeoutSeconds } from '../../lib/limits.ts';
import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { feedEventOf } from '../../lib/tasks/task-event.ts';
import { taskIdForKey } from '../../lib/tasks/task-id.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { checkEnd } from './end.ts';
import { createHouse } from './house.ts';
import { BrokenPromise, promise } from './invariants.ts';
import { createKling } from './kling.ts';
import { newTask } from './new-task.ts';
import type { SimulationPlan, TaskPlan } from './plan.ts';
import { createPromises } from './promises.ts';
import { createQueues, type Message, type QueueName } from './queues.ts';
import { createRandomness } from './randomness.ts';
import { createReader } from './reader.ts';
import { createReceivers } from './receivers.ts';
import { createSituation } from './situation.ts';
import { createTable } from './table.ts';
import { createVirtualTime } from './virtual-time.ts';
import { type CallFate, createWorkers, type Worker } from './workers.ts';

const timeoutSeconds = {
  api: functionTimeoutSeconds.api,
  submissions: functionTimeoutSeconds['submit-video'],
  polls: functionTimeoutSeconds['poll-video'],
  callbacks: functionTimeoutSeconds.deliver,
  sweep: functionTimeoutSeconds.sweep,
};
/** Longer than any index lags. */
const maxLagMs = 5 * minuteMs;
const frozenLifeMs = 15 * minuteMs;
const horizonMs = 6 * dayMs;
/** Everything that is planned from outside has happened by then. */
const lastRequestMs = hourMs / 2;

/** What happened last, put into words only where a promise was broken. */
type Trace = (() => string)[];
const maxTraced = 150;

type RunOptions = {
  /** Decides the fate of single calls, by their number, instead of chance. */
  fateOfCall?: (call: number) => CallFate;
};

export type RunReport = {
  calls: number;
  queries: number;
  /** When Kling took a task, and whose it was, in that order. */
  starts: { atMs: number; workspaceId: string | undefined; task: TaskPlan; endedAtMs: number | undefined }[];
  /** When a create found no free slot. */
  refusals: readonly number[];
};

/** Runs a plan to its end and checks every promise on the way. Throws with the trace of what happened. */
export const simulate = async (plan: SimulationPlan, options: RunOptions = {}): Promise<RunReport> => {
  const trace: Trace = [];
  try {
    return await createWorld(plan, options, trace).run();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const told = trace
      .slice(-maxTraced)
      .map((line) => line())
      .join('\n');
    throw new BrokenPromise(`${words}\n${told}`, { cause: error });
  }
};

const createWorld = (plan: SimulationPlan, options: RunOptions, trace: Trace) => {
  const time = createVirtualTime(startMs);
  const random = createRandomness(plan.seed);
  const situation = createSituation(plan, time, random, options.fateOfCall);
  const { troubles } = situation;
  const record = (line: () => string) => {
    const atMs = time.nowMs();
    trace.push(() => `${((atMs - startMs) / secondMs).toFixed(2)} ${line()}`);
    if (trace.length > 2 * maxTraced) trace.splice(0, maxTraced);
  };
  const { maxInFlight = {} } = plan;
  const promises = createPromises({
    time,
    situation,
    plan,
    planOf: (taskId) => planOf(taskId),
    table: () => table,
    kling: () => kling,
  });
  const plans = new Map<string, TaskPlan>(
    plan.tasks.map((task, index) => [taskIdForKey('workspace', 'route', String(index)), task]),
  );
  const planOf = (taskId: string): TaskPlan => {
    const found = plans.get(taskId);
    if (found === undefined) throw new Error(`no plan for ${taskId}`);
    return found;
  };

  const workers = createWorkers({ ...situation, time, trace: record });
  const runOn = (name: keyof typeof timeoutSeconds, work: (worker: Worker) => Promise<void>) =>
    workers.run(name, situation.mayFreeze ? frozenLifeMs : timeoutSeconds[name] * secondMs, work);

  const table = createTable({
    time,
    indexLagMs: situation.indexLagMs,
    unreadableItems: plan.troubles.unreadableItems,
    isAnsweredAsLost: () => random.happens(troubles().repeatedWrite),
    onEnqueue: () => planSweep(),
    onBudget: (before, after) => {
      record(() => `write ${after['pk']} ${JSON.stringify(after)}`);
      promises.onBudget(before, after);
      planSweep();
    },
    onWrite: (before, after, write) => {
      record(() => `write ${after.id} v${after.version} ${after.state} ${JSON.stringify(after)}`);
      promises.onWrite(before, after, write);
      if (feedEventOf(after)?.eventId !== (before && feedEventOf(before)?.eventId)) reader.onChange();
      planSweep();
    },
  });
  const reader = createReader({
    table: table.forReader(),
    workspaceIds: [
      ...new Set(plan.tasks.map((task, index) => newTask(String(index), task, startMs).workspaceId)),
    ],
    time,
    // Of its own, so that whoever reads changes nothing.
    random: createRandomness(plan.seed + 1),
    onRead: promises.onRead,
  });
  const kling = createKling({
    ...promises,
    time,
    random,
    troubles,
    slots: plan.slots ?? Number.POSITIVE_INFINITY,
    createMs: plan.createMs ?? 0,
    burst: situation.burst,
    isDown: situation.isKlingDown,
    planOf,
    send: (taskId, said, isEnd) => {
      if (isEnd) promises.onReportedEnd(taskId);
      void runOn('api', house.receiveWebhook(taskId, said));
    },
  });
  const receivers = createReceivers({
    ...promises,
    time,
    random,
    troubles,
    isDown: situation.isReceiverDown,
    onArrival: (event) => {
      record(() => `arrived ${event.id}`);
      promises.onArrival(event);
    },
  });
  /** All of a batch on one worker, side by side; those that failed come back, or all when it dies. */
  const handleBatch = async (queue: QueueName, batch: readonly Message[]): Promise<readonly Message[]> => {
    const failed: Message[] = [];
    const end = await runOn(queue, async (worker) => {
      const work = async (message: Message) => {
        try {
          await house.handlers[queue](worker, message);
        } catch (error) {
          record(() => `${worker.name} threw ${String(error)}`);
          failed.push(message);
        }
      };
      await Promise.all(batch.map(work));
    });
    return end === 'done' ? failed : batch;
  };
  const queues = createQueues({
    time,
    random,
    isLost: () => random.happens(troubles().lostMessage),
    isCopied: () => random.happens(troubles().copiedMessage),
    isLate: () => random.happens(troubles().lateMessage),
    handle: handleBatch,
    trace: record,
  });
  const house = createHouse({
    maxInFlight,
    capMicroUsd: plan.capMicroUsd,
    table,
    kling,
    receivers,
    wakeUpsOf: queues.wakeUpsOf,
    situation,
    random,
    onAsked: promises.onAsked,
  });

  let nextSweepAtMs = Number.POSITIVE_INFINITY;
  /** Each minute; sweeps that would find nothing are left out. */
  const planSweep = (): void => {
    // Each sweep reconciles the queues and the budgets, as long as anybody is there.
    const isNeeded = table.entries().length > 0 || table.hasOpenBudgets();
    const soonestMs = isNeeded ? 0 : Number.POSITIVE_INFINITY;
    const dueAtMs = Math.max(time.nowMs() + 1, Math.min(soonestMs, table.nextDueAtMs() ?? soonestMs));
    const atMs = startMs + Math.ceil((dueAtMs - startMs) / minuteMs) * minuteMs;
    if (atMs >= nextSweepAtMs) return;
    nextSweepAtMs = atMs;
    time.at(atMs, () => {
      if (nextSweepAtMs === atMs) sweep();
    });
  };
  const sweep = (): void => {
    nextSweepAtMs = Number.POSITIVE_INFINITY;
    if (!random.happens(troubles().missedSweep)) void runOn('sweep', house.sweep);
    planSweep();
  };

  const planRequests = (taskId: string, task: TaskPlan): void => {
    const { acceptedAtSecond, repeats, cancelledAfterSeconds } = task;
    const acceptedAtMs = startMs + acceptedAtSecond * secondMs;
    for (let repeat = 0; repeat < repeats; repeat += 1)
      time.at(acceptedAtMs + repeat, () => {
        void runOn('api', house.accept(newTask(taskId, task, acceptedAtMs)));
      });
    if (cancelledAfterSeconds !== null)
      time.at(acceptedAtMs + cancelledAfterSeconds * secondMs, () => {
        void runOn('api', house.callOff(taskId));
      });
  };

  const isOver = (): boolean => {
    if (time.nowMs() > startMs + horizonMs) return true;
    return (
      time.nowMs() > Math.max(startMs + lastRequestMs, situation.endOfTroublesMs) &&
      table.nextDueAtMs() === undefined &&
      table.tasks().every(isEnded) &&
      table.entries().length === 0 &&
      !table.hasOpenBudgets() &&
      queues.isEmpty()
    );
  };

  const letIndexesCatchUp = async (): Promise<void> => {
    const untilMs = time.nowMs() + maxLagMs;
    time.at(untilMs, () => {});
    while (time.nowMs() < untilMs && (await time.step()));
  };

  const checkAtEnd = (): void => {
    for (const taskId of house.accepted)
      promise(table.find(taskId) !== undefined, 'what was accepted is stored');
    for (const task of table.tasks())
      checkEnd(task, {
        endOfTroublesMs: situation.endOfOutagesMs,
        isHouseWell: situation.isHouseWell,
        isCancelled: house.cancelled.has(task.id),
        render: kling.renderOf(task.id),
        mayBeUnknowable: situation.mayFreeze || kling.hasVeryLate(task.id),
        arrivals: promises.arrivalsOf(task.delivery?.eventId),
      });
    for (const task of table.tasks()) {
      const event = feedEventOf(task);
      const times = event === undefined ? 1 : reader.timesRead(event.eventId);
      promise(
        situation.mayFreeze || times === 1,
        `the feed shows each end once, not ${times} times; ${task.id}`,
      );
    }
    promises.checkSums();
    promise(table.nextDueAtMs() === undefined, 'nothing stays due after the end');
    promise(table.entries().length === 0, 'nobody stays in a queue after the end');
  };

  return {
    async run(): Promise<RunReport> {
      for (const [taskId, task] of plans) planRequests(taskId, task);
      for (let steps = 1; await time.step(); steps += 1) {
        promises.onStep(queues.waiting('polls'));
        promises.throwIfBroken();
        if (steps % 20 === 0 && isOver()) break;
      }
      await letIndexesCatchUp();
      await reader.read();
      promises.throwIfBroken();
      checkAtEnd();
      const starts = [...kling.renders()].map(([taskId, { landedAtMs }]) => ({
        atMs: landedAtMs,
        workspaceId: planOf(taskId).workspaceId,
        task: planOf(taskId),
        endedAtMs: endOf(table.find(taskId)),
      }));
      return { calls: situation.calls(), queries: kling.queries(), starts, refusals: kling.refusals() };
    },
  };
};

const endOf = (task: Task | undefined): number | undefined =>
  task !== undefined && isEnded(task) ? task.endedAtMs : undefined;
