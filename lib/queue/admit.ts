import { type Clock, minuteMs } from '../time.ts';
import type { Entries, Wake } from './entries.ts';
import { modelQueue, parkedQueue, type QueueMembership, taskIdOf } from './membership.ts';
import type { Admission, QueueRequest } from './queue.ts';
import type { QueueStore } from './queue-store.ts';
import type { Slots } from './slots.ts';
import {
  type Entry,
  earliestAskMs,
  isAsideAfter,
  isInOrder,
  maxAsking,
  toleranceMs,
  whoMayAsk,
} from './window.ts';

type AdmitDependencies = { store: QueueStore; slots: Slots; entries: Entries; wake: Wake; now: Clock };

/** Longer than a provider is given to answer. */
const maxAskMs = minuteMs;

/** `askAtMs`: when it may ask, if it may; without it, others come first. */
type AskTime = { member: QueueMembership; askAtMs?: number };

const isOf =
  ({ taskId }: QueueRequest) =>
  ({ id }: Entry): boolean =>
    taskIdOf(id) === taskId;

/**
 * Lets a task through to the provider, or has it wait. Two things are in its way: its workspace may have enough in flight, and
 * others may wait for the same model. It waits for the workspace first, and takes a slot there only when it may ask for
 * the model, so that no slot lies idle.
 */
export const createAdmit = ({ store, slots, entries, wake, now }: AdmitDependencies) => {
  const { isAsking, isIdle } = entries;

  const isBehindOwn = async (request: QueueRequest): Promise<boolean> => {
    const parked = await store.front(parkedQueue(request.workspaceId, request.model), 1, isIdle);
    const first = parked.findIndex(isIdle);
    return first >= 0 && !parked.slice(0, first + 1).some(isOf(request));
  };
  /** Whoever has a slot already goes on: others may wait for just that one. */
  const mustWaitForWorkspace = async (request: QueueRequest, limit: number): Promise<boolean> => {
    const held = await slots.list(request.workspaceId);
    if (held.some(({ taskId }) => taskId === request.taskId)) return false;
    return held.length >= limit || isBehindOwn(request);
  };

  const waitForWorkspace = async (
    request: QueueRequest,
    member: QueueMembership,
    limit: number,
  ): Promise<Admission> => {
    const waiting: QueueMembership = { ...member, isParked: true, waitsFor: 'workspace' };
    await entries.whereParked(request, waiting, store.enqueue);
    if (member.waitsFor !== 'workspace') await entries.dequeueFromModel(request, member);
    // A slot may have come free before anybody could see that this task waits.
    if (!(await mustWaitForWorkspace(request, limit))) await wake(request.taskId);
    return { admitted: false, ...entries.waitUntil(waiting) };
  };

  /** Whether nobody waits for the model, or the task is among the first of those who do. Otherwise it is put among them. */
  const askTimeOf = async (request: QueueRequest, seen: QueueMembership): Promise<AskTime> => {
    const queue = modelQueue(request.model);
    if (seen.entryId === undefined && (await store.isEmpty(queue))) return { member: seen, askAtMs: 0 };
    const { window } = await store.state(queue);
    const readFront = () => store.front(queue, maxAsking(window), isInOrder);
    let front = await readFront();
    if (front.length === 0) return { member: seen, askAtMs: 0 };
    let { entryId } = seen;
    if (!front.some(isOf(request))) {
      entryId ??= await entries.entryIdBehind(request, seen, front);
      await store.enqueue(queue, entryId, isAsideAfter(seen.refusals));
      front = await readFront();
    }
    // Two workers that were woken for one task at once may each have written an entry for it: the first counts.
    const [own, ...others] = front.filter(isOf(request));
    for (const other of others) await store.dequeue(queue, other.id);
    entryId = own?.id ?? entryId;
    const member: QueueMembership = { ...seen, waitsFor: 'model', ...(entryId !== undefined && { entryId }) };
    // Whoever was let through already stays so, even if fewer may ask by now.
    const mayAsk = own && (own.isAside || isAsking(own) || whoMayAsk(front, window).includes(own));
    if (!mayAsk) return { member };
    return {
      member,
      askAtMs: earliestAskMs(member, { isAside: own.isAside, isFirst: front[0] === own }, window),
    };
  };

  /** It stays in its queues until the provider has it, but keeps nobody of its workspace waiting. */
  const letThrough = async (request: QueueRequest, member: QueueMembership): Promise<Admission> => {
    const untilMs = now() + maxAskMs;
    if (member.entryId !== undefined)
      await store.markAsking(modelQueue(request.model), member.entryId, untilMs);
    await entries.whereParked(request, member, (queue, entryId) => store.markAsking(queue, entryId, untilMs));
    const { retryAtMs: _retry, waitsFor: _waits, askAgainAtMs: _again, ...asking } = member;
    return { admitted: true, membership: { ...asking, askedAtMs: now() } };
  };

  return async (request: QueueRequest, membership?: QueueMembership): Promise<Admission> => {
    const { model, workspaceId, taskId, workspaceLimit: limit } = request;
    if (membership === undefined && limit === undefined && (await store.isEmpty(modelQueue(model))))
      return { admitted: true };
    const seen = membership ?? { sinceMs: request.createdAtMs };
    if (limit !== undefined && (await mustWaitForWorkspace(request, limit)))
      return waitForWorkspace(request, seen, limit);
    const { member, askAtMs } = await askTimeOf(request, seen);
    if (askAtMs === undefined || askAtMs > now() + toleranceMs)
      return { admitted: false, ...entries.waitUntil({ ...member, waitsFor: 'model' }, askAtMs) };
    const slot = limit === undefined ? undefined : await slots.take(workspaceId, taskId, limit);
    if (limit !== undefined && slot === undefined) return waitForWorkspace(request, member, limit);
    const admission = await letThrough(request, { ...member, ...(slot && { slot }) });
    const hasHeldOthersUp = member.isParked || (slot !== undefined && member.entryId !== undefined);
    // Looked at only now: whatever came free before that has woken this task instead of the next.
    if (hasHeldOthersUp && (limit === undefined || (await slots.list(workspaceId)).length < limit))
      await entries.wakeWorkspace(workspaceId);
    return admission;
  };
};
