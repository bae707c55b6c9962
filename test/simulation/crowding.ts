import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { promise } from './invariants.ts';
import type { MaxInFlight } from './plan.ts';

/** What a worker that died had taken is given to the next a sweep later; several may die one after the other. */
const patienceMs = 5 * minuteMs;
/** From the write of an end to the slot given back, by the same worker. */
const giveBackMs = 5 * secondMs;

type CrowdingOptions = {
  maxInFlight: MaxInFlight;
  nowMs(): number;
  tasks(): readonly Task[];
  /** Tasks that hold a slot. */
  slotHolders(): readonly string[];
  /** Whether Kling has begun with a task. */
  isRendered(taskId: string): boolean;
  /** Since when nothing goes wrong any more. */
  endOfTroublesMs: number;
  /** Nothing of our own goes wrong: no worker dies with a slot. */
  isHouseWell: boolean;
};

/** Watches over how many tasks of each workspace are in flight: never too many, and not too few while others wait. */
export const createCrowding = ({
  maxInFlight,
  nowMs,
  tasks,
  slotHolders,
  isRendered,
  endOfTroublesMs,
  isHouseWell,
}: CrowdingOptions) => {
  /** Since when a workspace has had room for somebody who waits. */
  const roomSinceMs = new Map<string, number>();
  /** Tasks that knew of a slot of theirs when they were last written, before their end. */
  const knowsSlot = new Set<string>();
  const unended = (workspaceId: string) =>
    tasks().filter((task) => task.workspaceId === workspaceId && !isEnded(task));

  /**
   * What a task itself knows of. A slot that a worker took and could not store, or died with, is given on when somebody
   * waits for it, which `onStep` watches as well.
   */
  const checkGivenBack = (): void => {
    if (!isHouseWell || Object.keys(maxInFlight).length === 0) return;
    const holders = new Set(slotHolders());
    for (const task of tasks())
      promise(
        !isEnded(task) ||
          !knowsSlot.has(task.id) ||
          !holders.has(task.id) ||
          nowMs() - task.endedAtMs <= giveBackMs,
        `no slot stays taken after an end; ${task.id}`,
      );
  };

  return {
    onCreate(taskId: string): void {
      for (const [workspaceId, most] of Object.entries(maxInFlight)) {
        const inFlight = unended(workspaceId).filter(({ id }) => id === taskId || isRendered(id));
        promise(inFlight.length <= most, `no more than ${most} tasks of ${workspaceId} are in flight`);
      }
    },
    onWrite(task: Task): void {
      const { id, workspaceId } = task;
      if (membershipOf(task)?.slot !== undefined) knowsSlot.add(id);
      else if (!isEnded(task)) knowsSlot.delete(id);
      const most = maxInFlight[workspaceId];
      if (most === undefined) return;
      const there = unended(workspaceId);
      const isRoom = there.filter((task) => membershipOf(task)?.slot !== undefined).length < most;
      const waitsFor = new Set(there.map((task) => membershipOf(task)?.waitsFor));
      // Behind one that waits for the provider, its workspace's others wait in their order.
      const isWaitedFor = waitsFor.has('workspace') && !waitsFor.has('model');
      if (!isRoom || !isWaitedFor) roomSinceMs.delete(workspaceId);
      else if (!roomSinceMs.has(workspaceId)) roomSinceMs.set(workspaceId, nowMs());
    },
    onStep(): void {
      checkGivenBack();
      for (const [workspaceId, sinceMs] of roomSinceMs)
        promise(
          nowMs() - Math.max(sinceMs, endOfTroublesMs) <= patienceMs,
          `nobody of ${workspaceId} waits for long while there is room`,
        );
    },
  };
};

const membershipOf = (task: Task) =>
  task.kind === 'video' && task.state !== 'ended' ? task.membership : undefined;
