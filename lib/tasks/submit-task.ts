import type { Log } from '../log.ts';
import type { FindOutcome, StartOutcome, VideoProvider, VideoRequest } from '../providers/provider.ts';
import { type Clock, secondMs } from '../time.ts';
import { isAbandoned, lineOf, type Place, taskIdAt, waitAt } from './line.ts';
import { nextPoll } from './poll-schedule.ts';
import { isRendering } from './polling.ts';
import {
  afterFind,
  afterStart,
  type Claim,
  claimSubmission,
  holdsClaim,
  isTooLateToCreate,
  permitsSecondCreate,
  recordSecondCreate,
} from './submission.ts';
import { isEnded, type Task } from './task.ts';
import type { ChangeOutcome, TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import { createWakeFirst } from './wake-first.ts';
import type { WakeUps } from './wake-ups.ts';

export type SubmitTaskDependencies = {
  tasks: TaskStore;
  provider: VideoProvider;
  wakeUps: WakeUps;
  /** Where tasks wait for a slot of the provider. */
  line: WaitingLine;
  /** Where the provider may push news of a task; `undefined` where it cannot reach us. */
  pushUrlFor: (taskId: string) => string | undefined;
  /** Called once the provider has the task, or will never get it: the inputs stored for it are of no more use. */
  discardInputs: (taskId: string, request: VideoRequest) => Promise<void>;
  now: Clock;
  random: () => number;
  log: Log;
};

/** Hands one task to its provider, exactly once. May be called any number of times, at any time. */
export const createSubmitTask = (dependencies: SubmitTaskDependencies) => {
  const { tasks, provider, wakeUps, line, pushUrlFor, discardInputs, now, random, log } = dependencies;
  const wakeFirst = createWakeFirst(line, wakeUps);

  /** Who has the turn. A task that waits for nobody is content with what was known a moment ago. */
  const whoIsFirst = async (task: Task): Promise<Place | undefined> => {
    if (task.status !== 'NOT_START') return undefined;
    const mayTrustAGlance = task.submission.place === undefined;
    if (mayTrustAGlance && (await line.glance(lineOf(task))) === undefined) return undefined;
    return line.first(lineOf(task));
  };

  const claim = async (seen: Task): Promise<Claim> => {
    const first = await whoIsFirst(seen);
    const decided: { claim: Claim } = { claim: { do: 'nothing' } };
    const change = await tasks.change(
      seen.id,
      (task) => {
        decided.claim = claimSubmission(task, now(), first);
        return decided.claim.do === 'nothing' || decided.claim.task === task ? undefined : decided.claim.task;
      },
      seen,
    );
    if (decided.claim.do === 'join') return decided.claim;
    if (!change.changed || decided.claim.do === 'nothing') return { do: 'nothing' };
    return { ...decided.claim, task: change.task };
  };

  const join = async (task: Task): Promise<void> => {
    const place = await line.join(lineOf(task), task.workspaceId, task.id);
    const joined = await tasks.change(task.id, (current) => waitAt(current, place, now()), task);
    if (joined.task?.submission.place !== place) return line.leave(lineOf(task), place);
    // All who were before it may have left meanwhile, and would not wake it.
    if ((await line.first(lineOf(task))) === place) await wakeUps.submit({ taskId: task.id });
  };

  /** Whoever has the turn without waiting any more has died before it could leave. */
  const clearPlace = async (taskId: string, task: Task): Promise<void> => {
    const first = await line.first(lineOf(task));
    if (first === undefined || taskIdAt(first) !== taskId) return;
    if (!isAbandoned(await tasks.find(taskId), first, now())) return;
    await line.leave(lineOf(task), first);
    await wakeFirst(lineOf(task));
  };

  /** Lets the next one in, once a task has left the line. */
  const leaveLine = async ({ submission: { place } }: Task, task: Task): Promise<void> => {
    if (place === undefined || task.submission.place === place) return;
    await line.leave(lineOf(task), place);
    await wakeFirst(lineOf(task));
    if (isRendering(task)) await line.recordStart(lineOf(task), place);
  };

  const create = async (task: Task): Promise<Task | undefined> => {
    if (isTooLateToCreate(task, now())) {
      log.warn('submission given up: its claim is about to end', { taskId: task.id });
      return undefined;
    }
    if (task.request === undefined) throw new Error(`task ${task.id} waits for submission without a request`);
    const pushUrl = pushUrlFor(task.id);
    const outcome = await provider.start(task.request, {
      taskId: task.id,
      ...(pushUrl !== undefined && { pushUrl }),
    });
    report('task handed to the provider', task, outcome);
    const luck = random();
    const place = outcome.status === 'busy' ? await placeOf(task) : undefined;
    const change = await tasks.change(
      task.id,
      (current) => afterStart(current, task, outcome, now(), luck, place),
      task,
    );
    // Another has taken the task over, so that nobody waits there.
    if (place !== undefined && change.task?.submission.place !== place) await line.leave(lineOf(task), place);
    return whatFollows(change, task);
  };

  const placeOf = (task: Task): Place | Promise<Place> =>
    task.submission.place ?? line.join(lineOf(task), task.workspaceId, task.id);

  const lookUp = async (task: Task): Promise<Task | undefined> => {
    const outcome = await provider.find(task.action, task.id);
    report('unanswered submission looked up', task, outcome);
    if (!permitsSecondCreate(task, outcome, now()))
      return whatFollows(
        await tasks.change(task.id, (current) => afterFind(current, task, outcome, now()), task),
        task,
      );
    const recorded = await tasks.change(task.id, (current) =>
      current.version === task.version ? recordSecondCreate(current, now()) : undefined,
    );
    return recorded.changed ? create(recorded.task) : undefined;
  };

  const report = (message: string, task: Task, outcome: StartOutcome | FindOutcome) =>
    log[outcome.status === 'operator-fault' ? 'error' : 'info'](message, {
      taskId: task.id,
      attempt: task.submission.attempts,
      ...outcome,
    });

  const carryOut = async (claimed: Exclude<Claim, { do: 'nothing' }>): Promise<Task | undefined> => {
    switch (claimed.do) {
      case 'join':
        return void (await join(claimed.task));
      case 'wait':
        return void (await line.enter(lineOf(claimed.task), claimed.place));
      case 'settled':
        return claimed.task;
      case 'look-up':
        return lookUp(claimed.task);
      case 'create':
        return create(claimed.task);
    }
  };

  const wakeWhatFollows = async (seen: Task, task: Task): Promise<void> => {
    const secondsUntil = (atMs: number) => (atMs - now()) / secondMs;
    if (isRendering(task)) {
      const { poll, atMs } = nextPoll(task, 0, now());
      const { id, pollChain: chain, submittedAtMs: lookedAtMs } = task;
      await wakeUps.poll({ taskId: id, chain, poll, lookedAtMs }, secondsUntil(atMs));
    } else if (!isEnded(task)) {
      const { place, notBeforeMs } = task.submission;
      // A message for that time is on its way already.
      if (place !== undefined && notBeforeMs === seen.submission.notBeforeMs) return;
      await wakeUps.submit({ taskId: task.id }, secondsUntil(notBeforeMs));
    } else if (task.delivery !== undefined) {
      await wakeUps.deliver({ taskId: task.id, eventId: task.delivery.eventId }, task.workspaceId);
    }
  };

  return async (taskId: string): Promise<void> => {
    const seen = await tasks.find(taskId);
    if (seen === undefined) return;
    const claimed = await claim(seen);
    if (claimed.do === 'nothing') return clearPlace(taskId, seen);
    const task = await carryOut(claimed);
    if (task === undefined) return;
    await wakeWhatFollows(seen, task);
    await leaveLine(seen, task);
    if (seen.request !== undefined && task.request === undefined) await discardInputs(task.id, seen.request);
  };
};

/**
 * The task, if what follows is this worker's to wake: it changed the task, or holds the claim, so that a change that
 * was refused was its own, written by a call whose answer got lost.
 */
const whatFollows = ({ changed, task }: ChangeOutcome, claimed: Task): Task | undefined =>
  task !== undefined && (changed || holdsClaim(task, claimed)) ? task : undefined;
