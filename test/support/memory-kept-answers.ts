import type { KeptAnswers, KeptRequest } from '../../lib/api/images/kept-answers.ts';

/** Keeps answers as the table does, for one test; a lease never runs out. */
export const createMemoryKeptAnswers = (): KeptAnswers => {
  const kept = new Map<string, KeptRequest>();
  return {
    async begin(id, requestHash) {
      const known = kept.get(id);
      const isFree = known === undefined || (known.state === 'failed' && known.mayRepeat);
      if (!isFree) return known;
      kept.set(id, { state: 'making', requestHash, leaseUntilMs: Number.POSITIVE_INFINITY });
      return { id, claimId: 'the only one' };
    },
    async leaveToTask(id, requestHash) {
      const known = kept.get(id);
      if (known === undefined) kept.set(id, { state: 'task', requestHash });
      return known === undefined || known.state === 'task';
    },
    renewLease: async () => {},
    async keep({ id }, ended) {
      kept.set(id, ended);
    },
    async forget({ id }) {
      kept.delete(id);
    },
    find: async (id) => kept.get(id),
  };
};
