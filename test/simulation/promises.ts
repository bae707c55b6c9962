import type { Item } from '../../lib/aws/table.ts';
import type { CallbackEvent } from '../../lib/callbacks/event.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { minuteMs } from '../../lib/time.ts';
import { createBooks } from './books.ts';
import { createBudgetCheck } from './budgets.ts';
import { createCrowding } from './crowding.ts';
import {
  checkArrival,
  checkAsked,
  checkCreate,
  checkWrite,
  createForgettingCheck,
  promise,
} from './invariants.ts';
import type { Kling } from './kling.ts';
import { createModeCheck } from './live-and-test.ts';
import { createLiveness } from './liveness.ts';
import type { SimulationPlan, TaskPlan } from './plan.ts';
import type { Message } from './queues.ts';
import type { Situation } from './situation.ts';
import type { SimulatedTable } from './table.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

/** A healthy world has at most the next poll and one webhook that was put off. */
const maxPollMessages = 2;
const pollsSettleMs = 30 * minuteMs;

type WorldSoFar = {
  time: VirtualTime;
  situation: Situation;
  plan: SimulationPlan;
  planOf(taskId: string): TaskPlan;
  table(): SimulatedTable;
  kling(): Kling;
};

/** Watches over all promises while a run goes on. What was broken first is kept, wherever it was noticed. */
export const createPromises = ({ time, situation, plan, planOf, table, kling }: WorldSoFar) => {
  const { mayFreeze, endOfTroublesMs } = situation;
  const bytes = new Map<string, string>();
  const arrived = new Map<string, number>();
  const checkForgetting = createForgettingCheck((worker) => kling().answerTo(worker));
  const crowding = createCrowding({
    maxInFlight: plan.maxInFlight ?? {},
    nowMs: time.nowMs,
    tasks: () => table().tasks(),
    slotHolders: () => table().slotHolders(),
    isRendered: (taskId) => kling().renderOf(taskId) !== undefined,
    endOfTroublesMs: situation.endOfOutagesMs,
    isHouseWell: situation.isHouseWell,
  });
  const books = createBooks(table);
  const budgets = createBudgetCheck({ table, mayFreeze });
  const liveness = createLiveness({ plan, time, situation, table, kling });
  const modes = createModeCheck(planOf);
  let broken: unknown;
  const checking = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      broken ??= error;
    }
  };

  return {
    throwIfBroken(): void {
      if (broken !== undefined) throw broken;
    },
    arrivalsOf: (eventId: string | undefined): number => arrived.get(eventId ?? '') ?? 0,
    onWrite: (before: Task | undefined, after: Task, { isDue, by }: { isDue: boolean; by: Worker }) =>
      checking(() => {
        checkWrite(before, after, isDue, time.nowMs());
        books.onWrite(after);
        budgets.onTask(after);
        checkForgetting(before, after, by);
        modes.onWrite(after);
        crowding.onWrite(after);
        liveness.onWrite(after);
        checkAsked(before, after, by);
      }),
    onAsked: (taskId: string, livemode: boolean) => checking(() => modes.onAsked(taskId, livemode)),
    onCreate: (taskId: string) =>
      checking(() => {
        crowding.onCreate(taskId);
        if (!mayFreeze) checkCreate(table().find(taskId));
      }),
    onBudget: (before: Item | undefined, after: Item) => checking(() => budgets.onBudget(before, after)),
    checkSums: (): void => {
      books.checkSum();
      budgets.checkAtEnd();
    },
    onTaken: liveness.onTaken,
    onToldEnd: liveness.onToldEnd,
    onUnclear: liveness.onUnclear,
    onReportedEnd: liveness.onReportedEnd,
    onSecond: (taskId: string, why: string) =>
      checking(() => promise(mayFreeze, `the create of ${taskId} ${why}`)),
    onOverlap: ({ id }: CallbackEvent) =>
      checking(() => promise(mayFreeze, `two attempts of ${id} at the same time`)),
    onArrival: (event: CallbackEvent) =>
      checking(() => {
        arrived.set(event.id, (arrived.get(event.id) ?? 0) + 1);
        checkArrival(event, bytes, table().find);
        modes.onEvent(event);
      }),
    onRead: (event: CallbackEvent) =>
      checking(() => {
        if (isAboutBudget(event)) return;
        checkArrival(event, bytes, table().find);
        modes.onEvent(event);
      }),
    onStep: (polls: readonly Message[]) =>
      checking(() => {
        crowding.onStep();
        liveness.onStep();
        if (time.nowMs() < endOfTroublesMs + pollsSettleMs) return;
        for (const { taskId } of polls) {
          const waiting = polls.filter((message) => message.taskId === taskId);
          promise(
            waiting.length <= maxPollMessages,
            `copies of poll messages end: ${JSON.stringify(waiting)}`,
          );
        }
      }),
  };
};

const isAboutBudget = ({ body }: CallbackEvent): boolean => {
  const { type } = JSON.parse(body.toString()) as { type: string };
  return type.startsWith('budget.');
};
