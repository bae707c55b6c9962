import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import type { BusyReason, FindOutcome, StartOutcome, VideoProviderOf } from '../providers/provider.ts';
import type { QueueMembership } from '../queue/membership.ts';
import type { Queue, QueueRequest, Waiting } from '../queue/queue.ts';
import { workDueAtMs } from '../tasks/due.ts';
import {
  isEnded,
  isWaiting,
  type QueuedVideo,
  type SubmittingVideo,
  type Task,
  type UnconfirmedVideo,
  type WaitingVideo,
} from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import { askUntilDeadline } from './ask-until-deadline.ts';
import { queueRequestOf } from './free-slot.ts';
import {
  adopt,
  afterBusy,
  afterCreate,
  afterLookUp,
  claimSubmission,
  failUnconfirmed,
  firstPollAtMs,
  isTooLateToCreate,
  type Known,
  permitsSecondCreate,
  recordCreate,
  waitUntil,
} from './submission.ts';

type SubmitVideoDependencies = {
  tasks: TaskStore;
  providerOf: VideoProviderOf;
  wakeUps: Pick<WakeUps, 'sendSubmit' | 'sendPoll'>;
  /** Decides who may ask the provider next. */
  queue: Pick<Queue, 'admit' | 'accepted' | 'unclear' | 'refused' | 'dequeue' | 'release'>;
  /** How many videos of a workspace may be in flight at once; `undefined`: any number. `fresh`: as it is now. */
  maxInFlight: (workspaceId: string, fresh: boolean) => Promise<number | undefined>;
  /** Where the provider may report on a task; `undefined` where it cannot reach us. */
  webhookUrlFor: (task: Pick<Task, 'id' | 'livemode' | 'resolvedModel'>) => string | undefined;
  /** Called once the provider has the task, or will never get it: the inputs stored for it are of no more use. */
  discardInputs: (taskId: string, request: WaitingVideo['request']) => Promise<void>;
  /** Finished videos are copied, which a poll does. */
  copiesResults: boolean;
  now: Clock;
  random: () => number;
  log: Log;
};

type Creatable = QueuedVideo | UnconfirmedVideo;

/** Hands one video to its provider, exactly once. May be called any number of times, at any time. */
export const createSubmitVideo = (dependencies: SubmitVideoDependencies) => {
  const { tasks, providerOf, wakeUps, queue, maxInFlight, copiesResults, now, random, log } = dependencies;
  const secondsUntil = (atMs: number): number => (atMs - now()) / secondMs;

  /** Writes what `decide` makes of the task as it was seen; `undefined` if it is no longer so. */
  const changeSeen = async <Changed extends Task>(
    seen: Task,
    decide: () => Changed,
  ): Promise<{ changed: Changed } | { task: Task | undefined }> => {
    const change = await tasks.change(
      seen.id,
      (task) => (task.version === seen.version ? decide() : undefined),
      seen,
    );
    return change.changed ? { changed: change.task as Changed } : { task: change.task };
  };

  const requestOf = async (task: Creatable): Promise<QueueRequest> => ({
    ...queueRequestOf(task),
    workspaceLimit: await maxInFlight(task.workspaceId, task.membership !== undefined),
  });

  /** What the queue answered could not be stored: the task has ended meanwhile, or another worker has changed it. */
  const forgo = async (
    request: QueueRequest,
    seen: Creatable | SubmittingVideo,
    membership: QueueMembership | undefined,
    task: Task | undefined,
  ): Promise<void> => {
    if (task === undefined || isEnded(task)) return queue.release(request, membership);
    if (isWaiting(task) && !isDeepStrictEqual(membership, seen.membership)) await wakeUps.sendSubmit(task.id);
  };

  const wakeWhenDue = async (task: Task): Promise<void> => {
    if (!isEnded(task)) await wakeUps.sendSubmit(task.id, secondsUntil(workDueAtMs(task)));
  };

  const wait = async (seen: Creatable, request: QueueRequest, waiting: Waiting): Promise<void> => {
    const { membership, retryAtMs } = waiting;
    const waits = waitUntil(seen, membership, retryAtMs);
    if (!isDeepStrictEqual(waits, seen)) {
      const written = await changeSeen(seen, () => waits);
      if (!('changed' in written)) return forgo(request, seen, membership, written.task);
    }
    // Otherwise a message for that time is on its way already.
    if (retryAtMs !== seen.membership?.retryAtMs) await wakeWhenDue(waits);
  };

  /** What can fail without the provider comes before the intention to ask it is recorded. */
  const create = async (seen: Creatable): Promise<void> => {
    const webhookUrl = dependencies.webhookUrlFor(seen);
    const options = { taskId: seen.id, ...(webhookUrl !== undefined && { webhookUrl }) };
    const send = await providerOf(seen).prepare(seen.request, options);
    const request = await requestOf(seen);
    // What the queue gives holds for as long as the claim does, which therefore begins here.
    const claimedAtMs = now();
    const admission = await queue.admit(request, seen.membership);
    if (!admission.admitted) return wait(seen, request, admission);
    const { membership } = admission;
    const written = await changeSeen(seen, () => recordCreate(seen, membership, claimedAtMs, now()));
    if (!('changed' in written)) return forgo(request, seen, membership, written.task);
    const claimed = written.changed;
    if (isTooLateToCreate(claimed, now())) return log.event('video.claim-too-late', { taskId: claimed.id });
    const outcome = await send();
    report('video.handed-over', claimed, outcome);
    await carryOn(claimed, request, outcome);
  };

  const carryOn = async (claimed: SubmittingVideo, request: QueueRequest, outcome: StartOutcome) => {
    if (outcome.status === 'busy') return waitForProvider(claimed, request, outcome.reason);
    const membership = await inform(request, claimed, outcome.status);
    if (outcome.status === 'accepted') return take(claimed, outcome, membership);
    const circumstances = {
      canFind: providerOf(claimed).find !== undefined,
      membership,
      random: random(),
      nowMs: now(),
    };
    await conclude(claimed, (task) => afterCreate(task, claimed, outcome, circumstances));
  };

  /** Writes what an answer makes of the task, which is tried again then, unless that was its end. */
  const conclude = async (claimed: WaitingVideo, decide: (task: Task) => Task | undefined): Promise<void> => {
    const change = await tasks.change(claimed.id, decide, claimed);
    if (!change.changed) return;
    if (isEnded(change.task)) return dependencies.discardInputs(claimed.id, claimed.request);
    await wakeWhenDue(change.task);
  };

  const waitForProvider = async (claimed: SubmittingVideo, request: QueueRequest, reason: BusyReason) => {
    const mayHaveArrived = claimed.lostCreateAtMs !== undefined;
    const waiting = await queue.refused(request, claimed.membership, reason, { mayHaveArrived });
    const change = await tasks.change(claimed.id, (task) => afterBusy(task, claimed, waiting), claimed);
    if (!change.changed) return forgo(request, claimed, waiting.membership, change.task);
    await wakeWhenDue(change.task);
  };

  /**
   * Tells the queue how a create ended, and answers what to store of it. What became of the create is written down in any
   * case; the reconciliation sees to the rest.
   */
  const inform = async (
    request: QueueRequest,
    claimed: SubmittingVideo | UnconfirmedVideo,
    status: Exclude<StartOutcome['status'], 'busy'>,
  ): Promise<QueueMembership | undefined> => {
    const { membership } = claimed;
    const hasLostCreate = claimed.state === 'unconfirmed' || claimed.lostCreateAtMs !== undefined;
    try {
      if (status === 'accepted') return await queue.accepted(request, membership);
      if (status === 'unclear' || (status === 'operator-fault' && hasLostCreate))
        return await queue.unclear(request, membership);
      if (status === 'operator-fault') await queue.dequeue(request, membership);
      return undefined;
    } catch (error) {
      log.event('queue.not-told', { error });
      return membership;
    }
  };

  /** The provider has it: follow it there. */
  const take = async (
    claimed: SubmittingVideo | UnconfirmedVideo,
    known: Known,
    membership: QueueMembership | undefined,
  ): Promise<void> => {
    const change = await tasks.change(
      claimed.id,
      (task) => adopt(task, { known, membership, copiesResults }, now()),
      claimed,
    );
    if (!change.changed) return;
    const { task } = change;
    if (task.kind === 'video' && task.state === 'running')
      await wakeUps.sendPoll(
        { taskId: task.id, generation: task.pollGeneration, lookedAtMs: task.render.submittedAtMs },
        secondsUntil(firstPollAtMs(task, known, now())),
      );
    await dependencies.discardInputs(claimed.id, claimed.request);
  };

  const lookUp = async (claimed: UnconfirmedVideo): Promise<void> => {
    const find = async () => providerOf(claimed).find?.(claimed.action, claimed.id);
    const outcome = await askUntilDeadline(claimed, now, find);
    if (outcome === undefined) return fail(claimed, failUnconfirmed(claimed, now()));
    report('video.looked-up', claimed, outcome);
    if (outcome.status === 'found')
      return take(claimed, outcome, await inform(queueRequestOf(claimed), claimed, 'accepted'));
    if (outcome.status === 'not-found' && permitsSecondCreate(claimed, now())) return create(claimed);
    await conclude(claimed, (task) => afterLookUp(task, claimed, now()));
  };

  const fail = async (seen: WaitingVideo, failed: Task): Promise<void> => {
    const written = await changeSeen(seen, () => failed);
    if ('changed' in written) await dependencies.discardInputs(seen.id, seen.request);
  };

  /** Without the provider's words: they may tell what the caller asked for. */
  const report = (
    name: 'video.handed-over' | 'video.looked-up',
    task: Task & { attempts: number },
    outcome: StartOutcome | FindOutcome,
  ) =>
    log.event(name, {
      taskId: task.id,
      ...modeFields(task),
      attempt: task.attempts,
      status: outcome.status,
      ...('code' in outcome && { code: outcome.code }),
      ...('detail' in outcome && { detail: outcome.detail }),
    });

  return async (taskId: string): Promise<void> => {
    const seen = await tasks.find(taskId);
    if (seen === undefined || !isWaiting(seen)) return;
    const claim = claimSubmission(seen, now());
    switch (claim.outcome) {
      case 'leased':
        return;
      case 'expired':
        return fail(seen, claim.task);
      case 'create':
        return create(claim.task);
      case 'unconfirmed': {
        const written = await changeSeen(seen, () => claim.task);
        if ('changed' in written) await lookUp(written.changed);
      }
    }
  };
};
