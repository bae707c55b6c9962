import type { Log } from '../log.ts';
import type { FindOutcome, StartOutcome, VideoProvider, VideoRequest } from '../providers/provider.ts';
import { type Clock, secondMs } from '../time.ts';
import { createAdmit } from './admission.ts';
import { type Claim, claimSubmission, needsAdmission } from './claim.ts';
import type { InFlight } from './in-flight.ts';
import { createLetNextIn } from './let-next-in.ts';
import { type LineToJoin, lineOf, modelLineOf, type Place, placeIn, workspaceLineOf } from './line.ts';
import { nextPoll } from './poll-schedule.ts';
import { isRendering } from './polling.ts';
import { createStandInLine } from './stand-in-line.ts';
import {
  afterFind,
  afterStart,
  holdsClaim,
  isTooLateToCreate,
  permitsSecondCreate,
  recordSecondCreate,
} from './submission.ts';
import { isEnded, type Task } from './task.ts';
import type { ChangeOutcome, TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import type { WakeUps } from './wake-ups.ts';

export type SubmitTaskDependencies = {
  tasks: TaskStore;
  provider: VideoProvider;
  wakeUps: WakeUps;
  /** Where tasks wait for a slot of the provider, or for others of their workspace. */
  line: WaitingLine;
  inFlight: InFlight;
  /** How many videos of a workspace may be in flight at once; `undefined`: any number. */
  maxInFlight: (workspaceId: string) => Promise<number | undefined>;
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
  const { tasks, provider, wakeUps, line, inFlight, maxInFlight, now, random, log } = dependencies;
  const { pushUrlFor, discardInputs } = dependencies;
  const admit = createAdmit(dependencies);
  const standInLine = createStandInLine(dependencies);
  const letNextIn = createLetNextIn(dependencies);

  /** Who has the turn. A task that waits for nobody there is content with what was known a moment ago. */
  const whoIsFirst = async (task: Task): Promise<Place | undefined> => {
    if (task.status !== 'NOT_START') return undefined;
    const name = modelLineOf(task);
    const mayTrustAGlance = placeIn(name, task) === undefined;
    if (mayTrustAGlance && (await line.glance(name)) === undefined) return undefined;
    return line.first(name);
  };

  /** A task that was counted, but turns out to have ended, takes up no room. */
  const giveBack = async (task: Task | undefined, seen: Task): Promise<void> => {
    if (task === undefined || isEnded(task)) await inFlight.remove(seen.workspaceId, seen.id);
  };

  const claim = async (seen: Task): Promise<Claim> => {
    const first = await whoIsFirst(seen);
    const admission = needsAdmission(seen, now(), first) ? await admit(seen) : undefined;
    const decided: { claim: Claim } = { claim: { do: 'nothing' } };
    const change = await tasks.change(
      seen.id,
      (task) => {
        decided.claim = claimSubmission(task, now(), first, admission);
        return decided.claim.do === 'nothing' || decided.claim.task === task ? undefined : decided.claim.task;
      },
      seen,
    );
    if (admission === 'counted') await giveBack(change.task, seen);
    if (decided.claim.do === 'join') return decided.claim;
    if (!change.changed || decided.claim.do === 'nothing') return { do: 'nothing' };
    return { ...decided.claim, task: change.task };
  };

  const join = async (task: Task, to: LineToJoin): Promise<void> => {
    const joined = await standInLine.join(task, to);
    if (to.isCounted) await giveBack(joined, task);
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
    if (place !== undefined && change.task?.submission.place !== place)
      await line.leave(modelLineOf(task), place);
    return whatFollows(change, task);
  };

  const placeOf = (task: Task): Place | Promise<Place> =>
    placeIn(modelLineOf(task), task) ?? line.join(modelLineOf(task), task.workspaceId, task.id);

  /** What cannot be looked up is not asked for again: its deadline ends it. */
  const find = async (task: Task): Promise<FindOutcome> =>
    (await provider.find?.(task.action, task.id)) ?? {
      status: 'unanswered',
      detail: `${provider.name} cannot look a task up by our id`,
    };

  const lookUp = async (task: Task): Promise<Task | undefined> => {
    const outcome = await find(task);
    report('unanswered submission looked up', task, outcome);
    if (!permitsSecondCreate(task, outcome, now())) return recordLookUp(task, outcome);
    const recorded = await tasks.change(task.id, (current) =>
      current.version === task.version ? recordSecondCreate(current, now()) : undefined,
    );
    return recorded.changed ? create(recorded.task) : undefined;
  };

  const recordLookUp = async (task: Task, outcome: FindOutcome): Promise<Task | undefined> =>
    whatFollows(
      await tasks.change(task.id, (current) => afterFind(current, task, outcome, now()), task),
      task,
    );

  /** The create that arrived after another had been sent in its place, if there is one. */
  const findLate = async (task: Task): Promise<FindOutcome | undefined> => {
    if (!task.submission.mayHaveArrived) return undefined;
    const outcome = await find(task);
    report('unanswered submission looked up', task, outcome);
    return outcome.status === 'found' ? outcome : undefined;
  };

  const createUnlessFound = async (task: Task): Promise<Task | undefined> => {
    const found = await findLate(task);
    return found === undefined ? create(task) : recordLookUp(task, found);
  };

  const wait = async (task: Task, place: Place): Promise<Task | undefined> => {
    await line.enter(lineOf(task), place);
    const found = await findLate(task);
    return found && recordLookUp(task, found);
  };

  const report = (message: string, task: Task, outcome: StartOutcome | FindOutcome) =>
    log[outcome.status === 'operator-fault' ? 'error' : 'info'](message, {
      taskId: task.id,
      attempt: task.submission.attempts,
      status: outcome.status,
      ...('code' in outcome && { code: outcome.code }),
      // The words of a refusal and the link of a result are the caller's.
      ...('detail' in outcome && { detail: outcome.detail }),
    });

  const carryOut = async (claimed: Exclude<Claim, { do: 'nothing' }>): Promise<Task | undefined> => {
    switch (claimed.do) {
      case 'join':
        return void (await join(claimed.task, claimed.line));
      case 'wait':
        return wait(claimed.task, claimed.place);
      case 'settled':
        return claimed.task;
      case 'look-up':
        return lookUp(claimed.task);
      case 'create':
        return createUnlessFound(claimed.task);
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

  /** Some other worker may have died before it could leave a line, and this task keeps others waiting. */
  const clearPlaces = async (task: Task): Promise<void> => {
    await standInLine.clearPlace(task.id, modelLineOf(task));
    if ((await maxInFlight(task.workspaceId)) !== undefined)
      await standInLine.clearPlace(task.id, workspaceLineOf(task));
  };

  return async (taskId: string): Promise<void> => {
    const seen = await tasks.find(taskId);
    if (seen === undefined) return;
    const claimed = await claim(seen);
    if (claimed.do === 'nothing') return clearPlaces(seen);
    // Whoever asks the provider stays in the line for its slots, but keeps nobody of its workspace waiting.
    const asking = claimed.do === 'create' ? claimed.task : seen;
    await standInLine.leave(seen, asking);
    const task = await carryOut(claimed);
    if (task === undefined) return;
    await wakeWhatFollows(seen, task);
    await standInLine.leave(asking, task);
    await letNextIn(task);
    if (seen.request !== undefined && task.request === undefined) await discardInputs(task.id, seen.request);
  };
};

/**
 * The task, if what follows is this worker's to wake: it changed the task, or holds the claim, so that a change that
 * was refused was its own, written by a call whose answer got lost.
 */
const whatFollows = ({ changed, task }: ChangeOutcome, claimed: Task): Task | undefined =>
  task !== undefined && (changed || holdsClaim(task, claimed)) ? task : undefined;
