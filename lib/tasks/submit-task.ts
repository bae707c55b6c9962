import type { Log } from '../log.ts';
import type { FindOutcome, StartOutcome, VideoProvider, VideoRequest } from '../providers/provider.ts';
import { type Clock, secondMs } from '../time.ts';
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
import type { WakeUps } from './wake-ups.ts';

export type SubmitTaskDependencies = {
  tasks: TaskStore;
  provider: VideoProvider;
  wakeUps: WakeUps;
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
  const { tasks, provider, wakeUps, pushUrlFor, discardInputs, now, random, log } = dependencies;

  const claim = async (taskId: string): Promise<{ claimed: Claim; request?: VideoRequest | undefined }> => {
    const decided: { claim: Claim; request?: VideoRequest | undefined } = { claim: { do: 'nothing' } };
    const change = await tasks.change(taskId, (task) => {
      decided.claim = claimSubmission(task, now());
      decided.request = task.request;
      return decided.claim.do === 'nothing' ? undefined : decided.claim.task;
    });
    if (!change.changed || decided.claim.do === 'nothing') return { claimed: { do: 'nothing' } };
    return { claimed: { ...decided.claim, task: change.task }, request: decided.request };
  };

  const create = async (task: Task): Promise<Task | undefined> => {
    if (isTooLateToCreate(task, now())) {
      log.warn('submission given up: its claim is about to end', { taskId: task.id });
      return undefined;
    }
    if (task.request === undefined) throw new Error(`task ${task.id} waits for submission without a request`);
    // A process that was stopped for so long may have a successor by now.
    if ((task.submission.leaseUntilMs ?? 0) <= now()) return undefined;
    const pushUrl = pushUrlFor(task.id);
    const outcome = await provider.start(task.request, {
      taskId: task.id,
      ...(pushUrl !== undefined && { pushUrl }),
    });
    report('task handed to the provider', task, outcome);
    const luck = random();
    return whatFollows(
      await tasks.change(task.id, (current) => afterStart(current, task, outcome, now(), luck), task),
      task,
    );
  };

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
      case 'settled':
        return claimed.task;
      case 'look-up':
        return lookUp(claimed.task);
      case 'create':
        return create(claimed.task);
    }
  };

  const wakeWhatFollows = async (task: Task): Promise<void> => {
    const secondsUntil = (atMs: number) => (atMs - now()) / secondMs;
    if (isRendering(task)) {
      const { poll, atMs } = nextPoll(task, 0, now());
      await wakeUps.poll({ taskId: task.id, chain: task.pollChain, poll }, secondsUntil(atMs));
    } else if (!isEnded(task)) {
      await wakeUps.submit({ taskId: task.id }, secondsUntil(task.submission.notBeforeMs));
    } else if (task.delivery !== undefined) {
      await wakeUps.deliver({ taskId: task.id, eventId: task.delivery.eventId }, task.workspaceId);
    }
  };

  return async (taskId: string): Promise<void> => {
    const { claimed, request } = await claim(taskId);
    if (claimed.do === 'nothing') return;
    const task = await carryOut(claimed);
    if (task === undefined) return;
    await wakeWhatFollows(task);
    if (request !== undefined && task.request === undefined) await discardInputs(task.id, request);
  };
};

/**
 * The task, if what follows is this worker's to wake: it changed the task, or holds the claim, so that a change that
 * was refused was its own, written by a call whose answer got lost.
 */
const whatFollows = ({ changed, task }: ChangeOutcome, claimed: Task): Task | undefined =>
  task !== undefined && (changed || holdsClaim(task, claimed)) ? task : undefined;
