import { type EndedTask, isEnded, type Task } from '../../lib/tasks/task.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { promise } from './invariants.ts';
import type { Render } from './kling.ts';

type End = {
  endOfTroublesMs: number;
  /** Only the providers and the receivers were in trouble. */
  isHouseWell: boolean;
  /** The caller was told that the task was called off. */
  isCancelled: boolean;
  render: Render | undefined;
  /** A create arrived so late, or a worker slept so long, that nobody could know of it in time. */
  mayBeUnknowable: boolean;
  /** How often the task's last event arrived. */
  arrivals: number;
};

/** A message comes at the deadline. A create that is under way then is waited for. */
const promptEndMs = 30 * secondMs;
/** A minute till the sweep, and one for what it wakes. */
const deadlineToleranceMs = 2 * minuteMs;
/** Leases, silences and sweeps that one mishap after another may cost, once the world is well again. */
const patienceMs = 15 * minuteMs;
/** A look that was arranged at the longest distance, was lost, and is missed by the sweep. */
const noticeMs = 25 * minuteMs;

const checkDeadline = ({ id, endedAtMs, deadlineAtMs }: EndedTask, { endOfTroublesMs, isHouseWell }: End) => {
  const latestMs = isHouseWell
    ? deadlineAtMs + promptEndMs
    : Math.max(deadlineAtMs + deadlineToleranceMs, endOfTroublesMs + patienceMs);
  const lateMinutes = (endedAtMs - deadlineAtMs) / minuteMs;
  promise(endedAtMs <= latestMs, `a deadline is kept; ${id} ended ${lateMinutes} min late`);
};

const checkCancelled = ({ result }: EndedTask, { isCancelled, render, mayBeUnknowable }: End) => {
  if (!isCancelled) return;
  promise(result.status === 'FAILURE' && result.code === 'cancelled', 'a task that was called off stays so');
  promise(render === undefined || mayBeUnknowable, 'a task that was called off never reaches the provider');
};

const checkRender = (task: EndedTask, { render, endOfTroublesMs, isCancelled, mayBeUnknowable }: End) => {
  if (render === undefined || (isCancelled && mayBeUnknowable)) return;
  const { id, result, endedAtMs, deadlineAtMs } = task;
  const couldBeKnownMs = Math.max(render.endsAtMs, endOfTroublesMs);
  promise(endedAtMs <= couldBeKnownMs + noticeMs, `an end is noticed before long; ${id}`);
  if (render.ends === 'succeed' && couldBeKnownMs + patienceMs < deadlineAtMs)
    promise(
      result.status === 'SUCCESS',
      `a video that was made and paid for is not lost; ${id}: ${JSON.stringify(result)}`,
    );
};

const checkEvent = ({ id, delivery }: Task, { arrivals }: End) => {
  if (delivery === undefined) return;
  promise(delivery.state === 'delivered', `every event is delivered; ${id}: ${delivery.state}`);
  promise(arrivals > 0, 'what counts as delivered has arrived');
};

/** What must hold of a task when all is over. */
export const checkEnd = (task: Task, end: End): void => {
  promise(isEnded(task), `every task ends; ${task.id} is ${task.state}`);
  if (!isEnded(task)) return;
  checkDeadline(task, end);
  checkCancelled(task, end);
  checkRender(task, end);
  checkEvent(task, end);
};
