import type { InFlight } from '../../lib/tasks/in-flight.ts';

/** The count's second implementation, for tests that need no server. */
export const createMemoryInFlight = (): InFlight => {
  const counted = new Map<string, Set<string>>();
  const of = (workspaceId: string): Set<string> => counted.get(workspaceId) ?? new Set();
  return {
    async add(workspaceId, taskId, most) {
      const taskIds = of(workspaceId);
      if (!taskIds.has(taskId) && taskIds.size >= most) return false;
      counted.set(workspaceId, taskIds.add(taskId));
      return true;
    },
    async remove(workspaceId, taskId) {
      of(workspaceId).delete(taskId);
    },
    list: async (workspaceId) => [...of(workspaceId)],
  };
};
