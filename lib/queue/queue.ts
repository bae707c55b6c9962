import type { Table } from '../aws/table.ts';
import type { Log } from '../log.ts';
import { type Clock, minuteMs, secondMs, withJitter } from '../time.ts';
import {
  modelQueue,
  type Place,
  parkedPlace,
  parkedQueue,
  placeFor,
  type QueueMembership,
  roundOf,
  taskIdAt,
} from './membership.ts';
import { estimatedStartMs, learnPace } from './pace.ts';
import { createQueueStore } from './queue-store.ts';
import { createReconcile, type FindMember } from './reconcile.ts';
import { createSlots } from './slots.ts';
import { createWakeNext, type Wake } from './wake-next.ts';
import {
  afterAcceptance,
  afterEnd,
  afterRefusal,
  asideDelayMs,
  type Entry,
  earliestAskMs,
  isAsideAfter,
  isInOrder,
  maxAsking,
  type RefusalReason,
  retryDelayMs,
  toleranceMs,
  whoMayAsk,
} from './window.ts';

export type QueueRequest = {
  taskId: string;
  workspaceId: string;
  /** What the provider's limit counts: `<provider>/<its model>`. */
  model: string;
  /** How many of the workspace's tasks may be in flight at once; read anew, not from a cache, where a membership exists. */
  workspaceLimit?: number | undefined;
};

/**
 * `retryAtMs`: when to call `admit` again, if nothing wakes the task before. If it is that of the membership that was
 * handed in, a message for that time is on its way already.
 */
export type Waiting = { membership: QueueMembership; retryAtMs: number };
export type Admission = { admitted: true; membership?: QueueMembership } | ({ admitted: false } & Waiting);
/** 1 is the next; the start is absent while it is unknown. */
export type QueuePosition = { position: number; startMs?: number };

/**
 * Decides who may ask a provider next: fair between workspaces, in order within each, never more of a workspace in flight
 * than its limit, and as many at once as the provider has shown to take. Every answer's membership is to be stored on the
 * task. All of it may be called again, late, or by several workers at once.
 */
export type Queue = {
  /**
   * Whether the task may be handed to the provider now. Call it before the task is claimed, whenever the task is woken. Where
   * the task has changed meanwhile, so that the answer cannot be stored: call it again, or `release` if the task has ended.
   */
  admit(request: QueueRequest, membership?: QueueMembership): Promise<Admission>;
  /** The provider has taken the task. */
  accepted(request: QueueRequest, membership?: QueueMembership): Promise<QueueMembership | undefined>;
  /** The provider's answer is lost: the task keeps its slot and keeps nobody waiting. */
  unclear(request: QueueRequest, membership?: QueueMembership): Promise<QueueMembership | undefined>;
  /** The provider did not take the task, which waits now. */
  refused(
    request: QueueRequest,
    membership: QueueMembership | undefined,
    reason: RefusalReason,
  ): Promise<Waiting>;
  /** The task has ended, was cancelled, or waits for something else: it gives back all it has, and lets others go on. */
  release(request: QueueRequest, membership?: QueueMembership): Promise<void>;
  /** A workspace's limit was changed: those who wait for it try again. */
  limitChanged(workspaceId: string): Promise<void>;
  /** `undefined` for a task that does not wait, and where the queue is too long to count. */
  position(request: QueueRequest, membership?: QueueMembership): Promise<QueuePosition | undefined>;
  /** Repairs what lost messages and workers that died have left behind. Each minute; never throws. */
  reconcile(): Promise<void>;
};

export type QueueDependencies = {
  table: Table;
  /** Has `admit` called for a task soon. */
  wake: Wake;
  findMember: FindMember;
  now: Clock;
  random: () => number;
  log: Log;
};

/** Longer than a provider is given to answer. */
const maxAskMs = minuteMs;
/** How long ago a task that was never in the queue may have asked, when its refusal is heard. */
const typicalAskMs = 2 * secondMs;
/** Whoever waits is woken when its turn comes. Should that get lost, it looks itself; within what SQS can delay. */
const backstopMs = 13 * minuteMs;
const jitter = 0.1;

type Turn = { mayAsk: boolean; member: QueueMembership; retryAtMs: number };

export const createQueue = (dependencies: QueueDependencies): Queue => {
  const { table, wake, now, random } = dependencies;
  const store = createQueueStore(table, now);
  const slots = createSlots(table, now);
  const wakeNext = createWakeNext({ store, wake, now });
  const { wakeModel, wakeWorkspace } = wakeNext;

  const backstop = (): number => now() + withJitter(backstopMs, jitter, random());

  /** Keeps an earlier arrangement, so that tries in between do not multiply the messages. */
  const waitUntil = (member: QueueMembership, atMs: number): Waiting => {
    const { retryAtMs: known = 0 } = member;
    const retryAtMs = known > now() + toleranceMs ? Math.min(known, atMs) : atMs;
    return { membership: { ...member, retryAtMs }, retryAtMs };
  };

  const isOf =
    ({ taskId }: QueueRequest) =>
    ({ place }: Entry): boolean =>
      taskIdAt(place) === taskId;

  /** It was let through already, even if its worker could not claim it and fewer may ask by now. */
  const isAsking = ({ askingUntilMs }: Entry): boolean => askingUntilMs > now();

  /** A place behind those of the same workspace, and otherwise in the round of whoever is first. */
  const placeBehind = async (
    { model, workspaceId, taskId }: QueueRequest,
    { sinceMs }: QueueMembership,
    entries: readonly Entry[],
  ): Promise<Place> => {
    const first = entries.find(({ isAside }) => !isAside) ?? entries[0];
    // Rounds of an empty queue start at the time in milliseconds, beyond all that were ever served.
    const earliest = first === undefined ? now() : roundOf(first.place);
    return placeFor(await store.takeRound(modelQueue(model), workspaceId, earliest), sinceMs, taskId);
  };

  const leaveModel = async ({ model }: QueueRequest, { place }: QueueMembership): Promise<void> => {
    if (place === undefined) return;
    await store.dequeue(modelQueue(model), place);
    await wakeModel(model);
  };

  /** Changes its entry in its workspace's queue, if it has one. */
  const whereParked = async (
    { model, workspaceId, taskId }: QueueRequest,
    { sinceMs, isParked }: QueueMembership,
    change: (queue: string, place: Place) => Promise<void>,
  ): Promise<void> => {
    if (isParked) await change(parkedQueue(workspaceId, model), parkedPlace(sinceMs, taskId));
  };

  const park = async (request: QueueRequest, member: QueueMembership): Promise<QueueMembership> => {
    const parked: QueueMembership = { ...member, isParked: true };
    await whereParked(request, parked, store.enqueue);
    return parked;
  };

  /** Whether others of the workspace come before it for this model. */
  const isBehindOthers = async (request: QueueRequest): Promise<boolean> => {
    const queue = parkedQueue(request.workspaceId, request.model);
    const waits = (entry: Entry): boolean => !isAsking(entry);
    const entries = await store.front(queue, 1, waits);
    const first = entries.findIndex(waits);
    return first >= 0 && !entries.slice(0, first + 1).some(isOf(request));
  };

  const mustWaitForWorkspace = async (request: QueueRequest, limit: number): Promise<boolean> =>
    (await isBehindOthers(request)) || (await slots.isFull(request.workspaceId, request.taskId, limit));

  /** Whether the provider may be asked now: nobody waits for the model, or the task is among the first of those. */
  const turnOf = async (request: QueueRequest, before: QueueMembership): Promise<Turn> => {
    const queue = modelQueue(request.model);
    let member = before;
    const go: Turn = { mayAsk: true, member, retryAtMs: 0 };
    if (member.place === undefined && (await store.isEmpty(queue))) return go;
    const { window } = await store.state(queue);
    const front = () => store.front(queue, maxAsking(window), isInOrder);
    let entries = await front();
    if (entries.length === 0) return go;
    if (!entries.some(isOf(request))) {
      const place = member.place ?? (await placeBehind(request, member, entries));
      await store.enqueue(queue, place, { isAside: isAsideAfter(member.refusals ?? 0) });
      entries = await front();
      member = { ...member, place };
    }
    // Two workers that were woken for one task at once may each have found a place for it: the first counts.
    const [own, ...others] = entries.filter(isOf(request));
    const place = own?.place ?? member.place;
    for (const other of others) await store.dequeue(queue, other.place);
    const placed: QueueMembership = { ...member, waitsFor: 'model', ...(place !== undefined && { place }) };
    if (own === undefined || !(own.isAside || isAsking(own) || whoMayAsk(entries, window).includes(own)))
      return { mayAsk: false, member: placed, retryAtMs: backstop() };
    const isFirst = entries[0] === own;
    const atMs = earliestAskMs(member, { isAside: own.isAside, isFirst }, window);
    return { mayAsk: atMs <= now() + toleranceMs, member: placed, retryAtMs: atMs };
  };

  /** Takes one of the workspace's slots, unless others were faster; then it waits for one. */
  const takeSlot = async (request: QueueRequest, member: QueueMembership, limit: number) => {
    const take = () => slots.take(request.workspaceId, request.taskId, limit);
    const taken = await take();
    if (taken !== undefined) return { taken, member };
    const parked = await park(request, member);
    return { taken: await take(), member: parked };
  };

  const admitWithLimit = async (
    request: QueueRequest,
    turn: QueueMembership,
    limit: number,
  ): Promise<Admission> => {
    const { taken, member } = await takeSlot(request, turn, limit);
    if (taken === undefined) return waitForWorkspace(request, member);
    const admission = await letThrough(request, { ...member, slot: taken.slot });
    const hasWaited = member.isParked || member.place !== undefined;
    if (hasWaited && !taken.isLast) await wakeWorkspace(request.workspaceId);
    return admission;
  };

  /** It is in its workspace's queue by now, so that it is found there whatever happens next. */
  const waitForWorkspace = async (request: QueueRequest, member: QueueMembership): Promise<Admission> => {
    if (member.waitsFor !== 'workspace') await leaveModel(request, member);
    return { admitted: false, ...waitUntil({ ...member, waitsFor: 'workspace' }, backstop()) };
  };

  /** It stays in its queues until the provider has it, but keeps nobody of its workspace waiting. */
  const letThrough = async (request: QueueRequest, member: QueueMembership): Promise<Admission> => {
    const untilMs = now() + maxAskMs;
    if (member.place !== undefined) await store.markAsking(modelQueue(request.model), member.place, untilMs);
    await whereParked(request, member, (queue, place) => store.markAsking(queue, place, untilMs));
    const { retryAtMs: _retry, waitsFor: _waits, askAgainAtMs: _again, ...asking } = member;
    return { admitted: true, membership: { ...asking, askedAtMs: now() } };
  };

  const learnParkedPace = (queue: string, sinceMs: number) =>
    store.learn(queue, (state) => ({ ...state, pace: learnPace(state.pace, sinceMs, now()) }));

  return {
    async admit(request, membership) {
      const { model, workspaceId, workspaceLimit: limit } = request;
      if (membership === undefined && limit === undefined && (await store.isEmpty(modelQueue(model))))
        return { admitted: true };
      let member: QueueMembership = membership ?? { sinceMs: now() };
      if (limit !== undefined && (await mustWaitForWorkspace(request, limit))) {
        member = await park(request, member);
        // A slot may have come free before anybody could see that this task waits.
        if (await mustWaitForWorkspace(request, limit)) return waitForWorkspace(request, member);
      }
      const turn = await turnOf(request, member);
      if (!turn.mayAsk)
        return { admitted: false, ...waitUntil({ ...turn.member, waitsFor: 'model' }, turn.retryAtMs) };
      if (limit !== undefined) return admitWithLimit(request, turn.member, limit);
      const admission = await letThrough(request, turn.member);
      if (turn.member.isParked) await wakeWorkspace(workspaceId);
      return admission;
    },

    async accepted(request, membership) {
      if (membership === undefined) return undefined;
      const { sinceMs, place, slot } = membership;
      await whereParked(request, membership, async (queue, parkedAt) => {
        await store.dequeue(queue, parkedAt);
        await learnParkedPace(queue, sinceMs);
      });
      if (place !== undefined) {
        await store.dequeue(modelQueue(request.model), place);
        await store.learn(modelQueue(request.model), ({ window, pace }) => ({
          window: afterAcceptance(window, now()),
          pace: learnPace(pace, sinceMs, now()),
        }));
        await wakeModel(request.model);
      }
      return slot && { sinceMs, slot };
    },

    async unclear(request, membership) {
      if (membership === undefined) return undefined;
      await whereParked(request, membership, store.dequeue);
      await leaveModel(request, membership);
      return membership;
    },

    async refused(request, membership, reason) {
      const queue = modelQueue(request.model);
      const member: QueueMembership = membership ?? { sinceMs: now() };
      const { askedAtMs = now() - typicalAskMs, refusals: before = 0, slot, ...kept } = member;
      // Whoever is refused again and again says nothing of what others would be told.
      const saysNothing = reason === 'full' && isAsideAfter(before);
      const { window } = await store.learn(queue, (state) => {
        const window = saysNothing ? state.window : afterRefusal(state.window, reason, askedAtMs, now());
        return window === state.window ? state : { ...state, window };
      });
      const refusals = before + (reason === 'full' ? 1 : 0);
      const isAside = isAsideAfter(refusals);
      const place =
        kept.place ??
        (await placeBehind(request, member, await store.front(queue, maxAsking(window), isInOrder)));
      await store.enqueue(queue, place, { isAside });
      if (slot !== undefined) {
        await slots.giveBack(request.workspaceId, request.taskId, slot);
        await whereParked(request, member, (parked, parkedAt) => store.markAsking(parked, parkedAt, 0));
        await wakeWorkspace(request.workspaceId);
      }
      if (isAside && !isAsideAfter(before)) await wakeModel(request.model);
      // It comes back soon even if it is not its turn then: until the task is stored as waiting, wake-ups pass it by.
      const delayMs = isAside ? asideDelayMs(refusals) : retryDelayMs(reason, window.refusals);
      const askAgainAtMs = Math.max(window.pausedUntilMs, now() + withJitter(delayMs, 2 * jitter, random()));
      const waiting = { ...kept, waitsFor: 'model' as const, place, askedAtMs, askAgainAtMs, refusals };
      return waitUntil(waiting, askAgainAtMs);
    },

    async release(request, membership) {
      const { model, workspaceId, taskId } = request;
      if (membership !== undefined) {
        const { slot } = membership;
        await whereParked(request, membership, store.dequeue);
        if (slot !== undefined) await slots.giveBack(workspaceId, taskId, { number: slot.number });
        await wakeWorkspace(workspaceId);
      }
      const queue = modelQueue(model);
      if (membership?.place !== undefined) await store.dequeue(queue, membership.place);
      else if (await store.isEmpty(queue)) return;
      if (membership?.waitsFor === undefined)
        await store.learn(queue, (state) => ({ ...state, window: afterEnd(state.window, now()) }));
      await wakeModel(model);
    },

    limitChanged: wakeWorkspace,

    async position({ taskId, workspaceId, model }, membership) {
      if (membership === undefined) return undefined;
      const { sinceMs, place: modelPlace, waitsFor } = membership;
      const isParked = waitsFor === 'workspace';
      const queue = isParked ? parkedQueue(workspaceId, model) : modelQueue(model);
      const place = isParked ? parkedPlace(sinceMs, taskId) : modelPlace;
      if (waitsFor === undefined || place === undefined) return undefined;
      const { places, pace, isWhole } = await store.standing(queue);
      const before = places.filter((other) => other < place).length;
      if (!isWhole && before === places.length) return undefined;
      const startMs = estimatedStartMs(pace, before + 1, now());
      return { position: before + 1, ...(startMs !== undefined && { startMs }) };
    },

    reconcile: createReconcile({ ...dependencies, store, slots, wakeNext }),
  };
};
