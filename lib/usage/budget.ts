import type { CapPeriod } from '../cap.ts';
import { isEnded, type Task } from '../tasks/task.ts';
import { secondMs } from '../time.ts';

/** What is kept free for one task that is under way. */
export type Reservation = {
  /** Tells one reservation for a task from another. */
  id: string;
  microUsd: number;
  /** Until then whoever reserved it is about to store the task, or makes images without one. */
  heldUntilMs: number;
};

/** What a workspace with a cap has committed in one period: spent, or reserved for tasks under way. */
export type Budget = {
  workspaceId: string;
  /** The id of its period. */
  periodId: string;
  per: CapPeriod;
  resetsAtMs: number;
  /** As it was at the last acceptance. */
  capMicroUsd: number;
  committedMicroUsd: number;
  /** By task. */
  reservations: ReadonlyMap<string, Reservation>;
  /** The highest threshold that was told, in percent. */
  toldPercent: number;
};

/** Longer than it takes to store a task; with the minute between sweeps less than 100 s. */
export const holdMs = 35 * secondMs;
/** Longer than the SDK tries to store a task. */
export const storingMs = 25 * secondMs;

export const remainingMicroUsd = (
  budget: Pick<Budget, 'committedMicroUsd'> | undefined,
  capMicroUsd: number,
): number => Math.max(0, capMicroUsd - (budget?.committedMicroUsd ?? 0));

/** What a task that has ended takes of the budget; where nobody knows what it cost, that is what was reserved. */
export const spentMicroUsdOf = (
  { cost }: Pick<Task & { state: 'ended' }, 'cost'>,
  reserved: number,
): number => cost?.microUsd ?? reserved;

/** A reservation that is no longer needed, and what it became. */
type Settlement = { taskId: string; reservation: Reservation; spentMicroUsd: number };

/** What is left of tasks that ended, or were never stored. */
export const overdueSettlements = (
  { reservations }: Budget,
  tasks: ReadonlyMap<string, Task>,
  nowMs: number,
): Settlement[] =>
  [...reservations].flatMap(([taskId, reservation]) => {
    const task = tasks.get(taskId);
    if (task?.reservation?.id === reservation.id)
      return isEnded(task)
        ? { taskId, reservation, spentMicroUsd: spentMicroUsdOf(task, reservation.microUsd) }
        : [];
    return reservation.heldUntilMs <= nowMs ? { taskId, reservation, spentMicroUsd: 0 } : [];
  });

/** In percent of the cap. */
const thresholds = [80, 100] as const;
export type Threshold = (typeof thresholds)[number];

/** The thresholds that were reached and not told yet. */
export const thresholdsToTell = ({
  committedMicroUsd,
  capMicroUsd,
  toldPercent,
}: Pick<Budget, 'committedMicroUsd' | 'capMicroUsd' | 'toldPercent'>): Threshold[] =>
  thresholds.filter(
    (threshold) => threshold > toldPercent && isReached(threshold, committedMicroUsd, capMicroUsd),
  );

const isReached = (threshold: Threshold, committedMicroUsd: number, capMicroUsd: number): boolean =>
  100 * committedMicroUsd >= threshold * capMicroUsd;

/** The thresholds that a reservation has reached. */
export const thresholdsCrossed = (
  { committedMicroUsd, microUsd }: { committedMicroUsd: number; microUsd: number },
  capMicroUsd: number,
): Threshold[] =>
  thresholds.filter(
    (threshold) =>
      isReached(threshold, committedMicroUsd, capMicroUsd) &&
      !isReached(threshold, committedMicroUsd - microUsd, capMicroUsd),
  );

/** Whether a request that does not fit shows that a budget is used up, since little is left of it, and nobody was told. */
export const isUsedUp = (
  { committedMicroUsd, toldPercent }: Pick<Budget, 'committedMicroUsd' | 'toldPercent'>,
  capMicroUsd: number,
): boolean => toldPercent < 100 && isReached(80, committedMicroUsd, capMicroUsd);
