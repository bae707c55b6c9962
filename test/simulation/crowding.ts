import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { minuteMs } from '../../lib/time.ts';
import { promise } from './invariants.ts';
import type { MaxInFlight } from './plan.ts';

/** What a worker that died had taken is given to the next a sweep later; several may die one after the other. */
const patienceMs = 5 * minuteMs;

export type CrowdingOptions = {
  maxInFlight: MaxInFlight;
  nowMs(): number;
  tasks(): readonly Task[];
  /** Whether Kling has begun with a task. */
  isRendered(taskId: string): boolean;
  /** Since when nothing goes wrong any more. */
  endOfTroublesMs: number;
};

/** Watches over how many tasks of each workspace are in flight: never too many, and not too few while others wait. */
export const createCrowding = ({
  maxInFlight,
  nowMs,
  tasks,
  isRendered,
  endOfTroublesMs,
}: CrowdingOptions) => {
  /** Since when a workspace has had room for somebody who waits. */
  const roomSinceMs = new Map<string, number>();
  const unended = (workspaceId: string) =>
    tasks().filter((task) => task.workspaceId === workspaceId && !isEnded(task));

  return {
    onCreate(taskId: string): void {
      for (const [workspaceId, most] of Object.entries(maxInFlight)) {
        const inFlight = unended(workspaceId).filter(({ id }) => id === taskId || isRendered(id));
        promise(inFlight.length <= most, `no more than ${most} tasks of ${workspaceId} are in flight`);
      }
    },
    onWrite({ workspaceId }: Task): void {
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
