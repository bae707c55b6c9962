import type { Table } from '../aws/table.ts';
import type { Log } from '../observability/log.ts';
import { type Clock, secondMs, withJitter } from '../time.ts';
import { createAdmit } from './admit.ts';
import { createEntries, type Wake } from './entries.ts';
import { type EntryId, modelQueue, parkedEntryId, parkedQueue, type QueueMembership } from './membership.ts';
import { estimatedStartMs, learnPace } from './pace.ts';
import { createQueueStore } from './queue-store.ts';
import { createReconcile, type FindMember } from './reconcile.ts';
import { createSlots } from './slots.ts';
import {
  afterAcceptance,
  afterEnd,
  afterRefusal,
  asideDelayMs,
  isAsideAfter,
  isInOrder,
  isStrangeRefusal,
  maxAsking,
  type RefusalReason,
  retryDelayMs,
} from './window.ts';

export type QueueRequest = {
  taskId: string;
  /** Who came first is served first, within a workspace. */
  createdAtMs: number;
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
  accepted(request: QueueRequest, membership?: QueueMembership): Promise<QueueMembership | undefined>;
  /** The provider's answer is lost: the task keeps its slot and keeps nobody waiting. */
  unclear(request: QueueRequest, membership?: QueueMembership): Promise<QueueMembership | undefined>;
  /** The provider did not take the task, which waits now; with its slot if an earlier create may have arrived there. */
  refused(
    request: QueueRequest,
    membership: QueueMembership | undefined,
    reason: RefusalReason,
    options?: { mayHaveArrived?: boolean },
  ): Promise<Waiting>;
  /** The provider did not take the task, which waits for something else, and gives back what this worker got for it. */
  dequeue(request: QueueRequest, membership?: QueueMembership): Promise<void>;
  /** The task has ended: it gives back all it has, and lets others go on. */
  release(request: QueueRequest, membership?: QueueMembership): Promise<void>;
  /** A workspace's limit was changed: those who wait for it try again. */
  limitChanged(workspaceId: string): Promise<void>;
  /** `undefined` for a task that does not wait, and where the queue is too long to count. */
  position(request: QueueRequest, membership?: QueueMembership): Promise<QueuePosition | undefined>;
  /** Repairs what lost messages and workers that died have left behind. Each minute. */
  reconcile(): Promise<void>;
};

type QueueDependencies = {
  table: Table;
  /** Has `admit` called for a task soon. */
  wake: Wake;
  findMember: FindMember;
  now: Clock;
  random: () => number;
  log: Log;
};

/** How long ago a task that was never in the queue may have asked, when its refusal arrives. */
const typicalAskMs = 2 * secondMs;
const jitter = 0.2;

export const createQueue = (dependencies: QueueDependencies): Queue => {
  const { table, now, random } = dependencies;
  const store = createQueueStore(table, now);
  const slots = createSlots(table, now);
  const entries = createEntries({ ...dependencies, store });

  /** The first of a queue lets nobody past who would try in its place. */
  const asideDelay = async (queue: string, entryId: EntryId, refusals: number): Promise<number> => {
    const [first] = await store.front(queue, 1, () => true);
    return first?.id === entryId ? retryDelayMs('full', refusals) : asideDelayMs(refusals);
  };

  /** What a refusal teaches of the provider, and how often it had no room for this task though it should have had. */
  const learnRefusal = async (
    queue: string,
    { sinceMs, refusals = 0 }: QueueMembership,
    { reason, askedAtMs }: { reason: RefusalReason; askedAtMs: number },
  ) => {
    // Whoever is refused again and again says nothing of what others would be told.
    const saysNothing = reason === 'full' && isAsideAfter(refusals);
    const { window } = await store.learn(queue, (state) => {
      const window = saysNothing ? state.window : afterRefusal(state.window, reason, askedAtMs, now());
      return window === state.window ? state : { ...state, window };
    });
    const isStrange = reason === 'full' && isStrangeRefusal(window, sinceMs, now());
    return { window, refusals: refusals + (isStrange ? 1 : 0) };
  };

  return {
    admit: createAdmit({ ...dependencies, store, slots, entries }),

    async accepted(request, membership) {
      if (membership === undefined) return undefined;
      const { sinceMs, entryId, slot } = membership;
      await entries.whereParked(request, membership, async (queue, parkedEntry) => {
        await store.dequeue(queue, parkedEntry);
        await store.learn(queue, ({ window, pace }) => ({ window, pace: learnPace(pace, sinceMs, now()) }));
      });
      if (entryId !== undefined) {
        await store.dequeue(modelQueue(request.model), entryId);
        await store.learn(modelQueue(request.model), ({ window, pace }) => ({
          window: afterAcceptance(window, now()),
          pace: learnPace(pace, sinceMs, now()),
        }));
        await entries.wakeModel(request.model);
      }
      return slot && { sinceMs, slot };
    },

    async unclear(request, membership) {
      if (membership === undefined) return undefined;
      await entries.whereParked(request, membership, store.dequeue);
      await entries.dequeueFromModel(request, membership);
      return membership;
    },

    async refused(request, membership, reason, { mayHaveArrived = false } = {}) {
      const queue = modelQueue(request.model);
      const member: QueueMembership = membership ?? { sinceMs: request.createdAtMs };
      const { askedAtMs = now() - typicalAskMs, refusals: before, slot, isParked, ...kept } = member;
      const { window, refusals } = await learnRefusal(queue, member, { reason, askedAtMs });
      const isAside = isAsideAfter(refusals);
      const entryId =
        kept.entryId ??
        (await entries.entryIdBehind(
          request,
          member,
          await store.front(queue, maxAsking(window), isInOrder),
        ));
      await store.enqueue(queue, entryId, isAside);
      const keepsSlot = slot !== undefined && mayHaveArrived;
      if (keepsSlot) await entries.whereParked(request, member, store.dequeue);
      else if (slot !== undefined) {
        await slots.giveBack(request.workspaceId, request.taskId, slot);
        // Whoever stands aside does so among its own as well.
        await entries.whereParked(request, member, (parked, parkedEntry) =>
          isAside ? store.dequeue(parked, parkedEntry) : store.markAsking(parked, parkedEntry, 0),
        );
        await entries.wakeWorkspace(request.workspaceId);
      }
      if (isAside && !isAsideAfter(before)) await entries.wakeModel(request.model);
      // It comes back soon even if it may not ask then: until the task is stored as waiting, wake-ups pass it by.
      // Refusals of those who were here before say nothing of how long ago an end was missed.
      const inARow = kept.entryId === undefined ? 1 : window.refusals;
      const delayMs = isAside ? await asideDelay(queue, entryId, refusals) : retryDelayMs(reason, inARow);
      // What came free while the provider was asked has woken nobody.
      const mayHaveOpened = reason === 'full' && !isAside;
      const isOpened = mayHaveOpened && (await store.state(queue)).window.openedAtMs > askedAtMs;
      const soonestMs = now() + (isOpened ? 0 : withJitter(delayMs, jitter, random()));
      const askAgainAtMs = Math.max(window.pausedUntilMs, soonestMs);
      const waiting = {
        ...kept,
        ...(keepsSlot ? { slot } : isParked && !isAside && { isParked }),
        waitsFor: 'model' as const,
        entryId,
        askedAtMs,
        askAgainAtMs,
        refusals,
      };
      return entries.waitUntil(waiting, askAgainAtMs);
    },

    async dequeue(request, membership) {
      if (membership === undefined) return;
      const { slot } = membership;
      await entries.whereParked(request, membership, store.dequeue);
      if (slot !== undefined) await slots.giveBack(request.workspaceId, request.taskId, slot);
      await entries.wakeWorkspace(request.workspaceId);
      await entries.dequeueFromModel(request, membership);
    },

    async release(request, membership) {
      const { model, workspaceId, taskId } = request;
      if (membership !== undefined) {
        const { slot } = membership;
        await entries.whereParked(request, membership, store.dequeue);
        // A worker may have taken one for a task that another was refused, and could not store it.
        const held = slot ?? (await slots.list(workspaceId)).find((other) => other.taskId === taskId);
        if (held !== undefined) await slots.giveBack(workspaceId, taskId, { number: held.number });
        await entries.wakeWorkspace(workspaceId);
      }
      const queue = modelQueue(model);
      if (membership?.entryId !== undefined) await store.dequeue(queue, membership.entryId);
      else if (await store.isEmpty(queue)) return;
      if (membership?.waitsFor === undefined)
        await store.learn(queue, (state) => ({
          ...state,
          window: afterEnd(state.window, membership?.entryId === undefined, now()),
        }));
      await entries.wakeModel(model);
    },

    limitChanged: entries.wakeWorkspace,

    async position({ taskId, workspaceId, model }, membership) {
      if (membership === undefined) return undefined;
      const { sinceMs, entryId: modelEntryId, waitsFor } = membership;
      const isParked = waitsFor === 'workspace';
      const queue = isParked ? parkedQueue(workspaceId, model) : modelQueue(model);
      const entryId = isParked ? parkedEntryId(sinceMs, taskId) : modelEntryId;
      if (waitsFor === undefined || entryId === undefined) return undefined;
      const { entryIds, pace, isComplete } = await store.snapshot(queue);
      const before = entryIds.filter((other) => other < entryId).length;
      if (!isComplete && before === entryIds.length) return undefined;
      const startMs = estimatedStartMs(pace, before + 1, now());
      return { position: before + 1, ...(startMs !== undefined && { startMs }) };
    },

    reconcile: createReconcile({ ...dependencies, store, slots, entries }),
  };
};
