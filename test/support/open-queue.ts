import type { Queue, QueueRequest } from '../../lib/queue/queue.ts';

type Call = { method: string; taskId: string };

/** A queue in which nobody waits unless a test says so. Remembers what it was told. */
export const createOpenQueue = (changes: Partial<Queue> = {}) => {
  const calls: Call[] = [];
  const told = (method: string, { taskId }: QueueRequest) => void calls.push({ method, taskId });
  const queue: Queue = {
    async admit(_request, membership) {
      return { admitted: true, ...(membership !== undefined && { membership }) };
    },
    async accepted(request, membership) {
      told('accepted', request);
      return membership;
    },
    async unclear(request, membership) {
      told('unclear', request);
      return membership;
    },
    async refused(request) {
      told('refused', request);
      throw new Error('this queue knows no waiting');
    },
    async dequeue(request) {
      told('dequeue', request);
    },
    async release(request) {
      told('release', request);
    },
    limitChanged: async () => {},
    position: async () => undefined,
    reconcile: async () => {},
    ...changes,
  };
  return { queue, calls };
};
