import { refusalsBeforeAside } from '../../lib/queue/window.ts';
import { isEnded, isWaiting, type Task } from '../../lib/tasks/task.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { promise } from './invariants.ts';
import type { Kling } from './kling.ts';
import type { SimulationPlan } from './plan.ts';
import type { Situation } from './situation.ts';
import type { SimulatedTable } from './table.ts';
import type { VirtualTime } from './virtual-time.ts';

/** From a clear answer of the provider to the end of the task. */
const clearAnswerMs = 5 * secondMs;
/** From a webhook that tells of an end, or the last query that told nothing, to the end. */
const reportedEndMs = 10 * secondMs;
/** Where queries have told nothing for longer than this, the next comes as late again. */
const steadyLooksForMs = 2 * minuteMs;
/** From a slot that is free, as far as we can know, to the next task that the provider takes: the longest retry, and on the way. */
export const freeSlotMs = 27 * secondMs;
/** A task that the provider keeps refusing is let past only when the provider should have had room for long. */
const stubbornTaskMs = 9 * minuteMs;

type LivenessOptions = {
  plan: SimulationPlan;
  time: VirtualTime;
  situation: Situation;
  table(): SimulatedTable;
  kling(): Kling;
};

/** Watches how soon after an event the next thing happens, while nothing of our own goes wrong. */
export const createLiveness = ({ plan, time, situation, table, kling }: LivenessOptions) => {
  const { slots = Number.POSITIVE_INFINITY, maxInFlight = {} } = plan;
  const { endOfOutagesMs } = situation;
  const hasStubbornTask = plan.tasks.some(({ ends }) => ends === 'busy');
  const { createMs = 0 } = plan;
  // The next one may wait for the answer to the first, or to all that must be refused before it is let past.
  const patienceMs = hasStubbornTask
    ? stubbornTaskMs + refusalsBeforeAside * createMs
    : freeSlotMs + createMs;
  /** When a worker was told of an end. */
  const toldAtMs = new Map<string, number>();
  /** When a webhook told of one, and when a query last told nothing since. */
  const reported = new Map<string, { atMs: number; inVainAtMs?: number }>();
  const runningSinceMs = new Map<string, number>();
  let freeSinceMs: number | undefined;

  const hasEnded = (taskId: string): boolean => {
    const task = table().find(taskId);
    return task === undefined || isEnded(task);
  };

  const checkTold = (nowMs: number): void => {
    for (const [taskId, atMs] of toldAtMs) {
      if (hasEnded(taskId)) toldAtMs.delete(taskId);
      else
        promise(
          nowMs - atMs <= clearAnswerMs,
          `an end is known seconds after the provider told it; ${taskId}`,
        );
    }
  };

  const checkReported = (nowMs: number): void => {
    for (const [taskId, { atMs, inVainAtMs = 0 }] of reported) {
      const oursMs = runningSinceMs.get(taskId);
      if (hasEnded(taskId)) reported.delete(taskId);
      else if (oursMs !== undefined) {
        const knownMs = Math.max(atMs, oursMs);
        const troubleMs = Math.max(0, inVainAtMs - knownMs);
        const patienceMs = reportedEndMs + (troubleMs > steadyLooksForMs ? troubleMs : 0);
        promise(
          nowMs <= knownMs + troubleMs + patienceMs,
          `an end is known soon after a webhook has reported it; ${taskId}`,
        );
      }
    }
  };

  const isWithProvider = (task: Task): boolean =>
    !isEnded(task) &&
    task.state !== 'queued' &&
    !(isWaiting(task) && task.membership?.waitsFor !== undefined);

  /** Also one that waits for the model again, while an earlier create of it may yet arrive. */
  const holdsSlot = (task: Task): boolean => isWaiting(task) && task.membership?.slot !== undefined;

  /** Whether the provider would take a task, were it asked. */
  const isWelcome = (task: Task, under: readonly Task[]): boolean => {
    if (!isWaiting(task) || task.state !== 'queued') return false;
    // After an operator's fault it waits by itself.
    if (task.attempts > 0 && task.membership === undefined) return false;
    if (kling().isStubborn(task.id) || task.deadlineAtMs <= time.nowMs()) return false;
    const own = table()
      .tasks()
      .filter(
        (other) => other.workspaceId === task.workspaceId && (under.includes(other) || holdsSlot(other)),
      ).length;
    return own < (maxInFlight[task.workspaceId] ?? Number.POSITIVE_INFINITY);
  };

  const checkWaiting = (nowMs: number): void => {
    const tasks = table().tasks();
    const under = tasks.filter(isWithProvider);
    // What has ended there is free once we could know of it.
    const hasRoom = kling().hasRoom() && under.length < slots;
    const isFree = hasRoom && tasks.some((task) => isWelcome(task, under));
    if (!isFree) freeSinceMs = undefined;
    else freeSinceMs ??= nowMs;
    promise(
      freeSinceMs === undefined || nowMs - Math.max(freeSinceMs, endOfOutagesMs) <= patienceMs,
      'nobody waits for long while the way is free',
    );
  };

  return {
    onToldEnd(taskId: string): void {
      if (!toldAtMs.has(taskId)) toldAtMs.set(taskId, time.nowMs());
    },
    onReportedEnd(taskId: string): void {
      if (!reported.has(taskId)) reported.set(taskId, { atMs: time.nowMs() });
    },
    onUnclear(taskId: string): void {
      const known = reported.get(taskId);
      if (known !== undefined) known.inVainAtMs = time.nowMs();
    },
    onWrite({ id, state }: Task): void {
      if (state === 'running' && !runningSinceMs.has(id)) runningSinceMs.set(id, time.nowMs());
      // Each end may be what the task that the provider keeps refusing has waited for.
      if (state === 'ended' && hasStubbornTask) freeSinceMs = undefined;
    },
    /** The provider took a task, so that the way was not blocked until now. */
    onTaken(): void {
      freeSinceMs = undefined;
    },
    onStep(): void {
      if (!situation.isHouseWell) return;
      const nowMs = time.nowMs();
      checkTold(nowMs);
      checkReported(nowMs);
      if (nowMs > endOfOutagesMs) checkWaiting(nowMs);
    },
  };
};
