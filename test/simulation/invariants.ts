import type { CallbackEvent } from '../../lib/callbacks/event.ts';
import type { TaskEventType } from '../../lib/tasks/delivery.ts';
import { progressPercent } from '../../lib/tasks/progress.ts';
import { isEnded, isWaiting, type Task } from '../../lib/tasks/task.ts';
import { eventIdFor } from '../../lib/tasks/task-id.ts';
import { statusOf, type TaskStatus } from '../../lib/tasks/task-status.ts';
import type { Worker } from './workers.ts';

/** What the product promises was broken. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export const promise = (kept: boolean, words: string): void => {
  if (!kept) throw new BrokenPromise(words);
};

const rank: Record<TaskStatus, number> = {
  NOT_START: 0,
  UNKNOWN: 0,
  SUBMITTED: 1,
  IN_PROGRESS: 2,
  SUCCESS: 3,
  FAILURE: 3,
};
export const secretPrompt = 'nobody may read this later';

const rankOf = (task: Task): number => rank[statusOf(task)];
const endingOf = (task: Task): string =>
  JSON.stringify(isEnded(task) ? [task.result, task.endedAtMs] : undefined);
const terminalEventOf = (task: Task): TaskEventType =>
  statusOf(task) === 'SUCCESS' ? 'video.completed' : 'video.failed';
const operationOf = (task: Task): string | undefined =>
  'render' in task ? task.render?.operation.id : undefined;

/** What must hold after every write of a task. */
export const checkWrite = (before: Task | undefined, after: Task, isDue: boolean, nowMs: number): void => {
  const wants = isEnded(after) && (after.callback?.events.includes(terminalEventOf(after)) ?? false);
  promise(
    !wants || after.delivery?.type === terminalEventOf(after),
    'a task ends and makes its event due in the same write',
  );
  promise(isWaiting(after) || !JSON.stringify(after).includes(secretPrompt), 'the prompt is erased');
  const somethingIsDue = !isEnded(after) || after.delivery?.state === 'pending' || hasRedelivery(after);
  promise(isDue === somethingIsDue, `the due index shows what is due, and nothing else (${after.state})`);
  if (before === undefined) return;

  promise(rankOf(after) >= rankOf(before), `forward only: ${statusOf(before)} to ${statusOf(after)}`);
  promise(!isEnded(before) || endingOf(before) === endingOf(after), 'an ended task never changes');
  promise(progressPercent(after, nowMs) >= progressPercent(before, nowMs), 'progress never goes back');
  promise(
    before.delivery?.state !== 'delivered' ||
      before.delivery.eventId !== after.delivery?.eventId ||
      after.delivery.state === 'delivered',
    'a delivered event stays delivered',
  );
  promise(
    operationOf(before) === undefined || operationOf(before) === operationOf(after),
    "the provider's reference never changes",
  );
};

const hasRedelivery = ({ delivery }: Task): boolean => delivery?.redeliverAtMs !== undefined;

const sentAtMs = (task: Task): number | undefined => ('sentAtMs' in task ? task.sentAtMs : undefined);

/** Watches over creates whose answers are missing: whoever recorded one, and only he, may forget it, once it was answered. */
export const createForgettingCheck = (answerTo: (worker: Worker) => string | undefined) => {
  const recordedBy = new Map<string, Worker>();
  return (before: Task | undefined, after: Task, by: Worker): void => {
    const [earlier, now] = [before && sentAtMs(before), sentAtMs(after)];
    if (now !== undefined && now !== earlier) recordedBy.set(after.id, by);
    if (earlier === undefined || now !== undefined || !isWaiting(after)) return;
    const answer = answerTo(by);
    const isAnswered = answer === 'busy' || answer === 'operator-fault';
    promise(recordedBy.get(after.id) === by && isAnswered, 'a create is forgotten only once it was answered');
  };
};

/** Who asks Kling how a task is doing, or looks for one that it may have. */
const asksKling = ({ name }: Worker): boolean => /^(polls|submissions)-/.test(name);

/** What only an answer of Kling's may bring about, whatever a webhook says. */
export const checkAsked = (before: Task | undefined, after: Task, by: Worker): void => {
  const isNew = (type: TaskEventType) => after.delivery?.type === type && before?.delivery?.type !== type;
  promise(
    !(isNew('video.in_progress') || isNew('video.completed')) || asksKling(by),
    'no event tells what only a webhook has said',
  );
  promise(
    statusOf(after) !== 'SUCCESS' || (before !== undefined && isEnded(before)) || asksKling(by),
    'only an answer of the provider ends a task with a video',
  );
};

/** What must hold of a task at the moment at which a create for it leaves the house. */
export const checkCreate = (task: Task | undefined): void => {
  promise(task !== undefined, 'only a stored task is handed over');
  if (task === undefined) return;
  promise(
    !isEnded(task) || task.result.status !== 'FAILURE' || task.result.code !== 'cancelled',
    'a cancelled task is not handed over',
  );
  promise(
    !isWaiting(task) || sentAtMs(task) !== undefined,
    'the intention is recorded before the provider is called',
  );
};

/** What must hold of everything that a receiver gets. Answers the task that it is about. */
export const checkArrival = (
  { id, body }: CallbackEvent,
  earlier: Map<string, string>,
  find: (taskId: string) => Task | undefined,
): string => {
  const text = body.toString();
  const { type, data } = JSON.parse(text) as { type: TaskEventType; data: { id: string; status: string } };
  promise(id === eventIdFor(data.id, type), 'an event has the same id in every attempt');
  promise((earlier.get(id) ?? text) === text, 'every attempt sends the same bytes');
  earlier.set(id, text);
  promise(!text.includes(secretPrompt), 'no event tells the prompt');
  const task = find(data.id);
  promise(
    type === 'video.in_progress' || (task && statusOf(task)) === data.status,
    'an event says how the task ended',
  );
  return data.id;
};
