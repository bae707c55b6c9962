/** A fault that can be put back into the code. */
export type Mutation = {
  name: string;
  file: string;
  from: string;
  to: string;
  /** The test file that catches it; absent: the schedules of `simulate.ts`. */
  test?: string;
};

const backlog = 'test/simulation/backlog.test.ts';
export const mutations: readonly Mutation[] = [
  {
    name: 'a look-up throws away what it learns',
    file: 'lib/videos/submission.ts',
    from: 'const { state, operation } = known;',
    to: 'const { operation } = known; const state = undefined;',
  },
  {
    name: 'a reported end whose query fails twice is given up',
    file: 'lib/videos/polling.ts',
    from: 'afterMs += afterMs < steadyLooksForMs ? reportedLookGapMs : afterMs;',
    to: 'return Number.POSITIVE_INFINITY;',
  },
  {
    name: 'a webhook that comes before the answer to its create is dropped',
    file: 'lib/videos/provider-webhook.ts',
    from: "if (task.state === 'queued' || task.endReported) return nothing;",
    to: "if (task.state !== 'ended') return nothing;",
  },
  {
    name: 'cancelling the first of a queue wakes nobody',
    file: 'lib/videos/free-slot.ts',
    from: "before.state === 'ended'",
    to: "before.state === 'ended' || before.state === 'queued'",
    test: backlog,
  },
  {
    name: 'a deadline that comes before the next try waits for the sweep',
    file: 'lib/videos/submit-video.ts',
    from: 'secondsUntil(workDueAtMs(task))',
    to: "secondsUntil('notBeforeMs' in task ? task.notBeforeMs : 0)",
  },
  {
    name: 'a task that is always refused blocks its model',
    file: 'lib/queue/window.ts',
    from: 'refusals >= refusalsBeforeAside',
    to: 'refusals >= 1_000 * refusalsBeforeAside',
  },
  {
    name: 'after one refusal only the first may ask, for good',
    file: 'lib/queue/window.ts',
    from: 'Math.max(1, Math.floor(size))',
    to: 'Math.min(1, Math.max(1, size))',
    test: backlog,
  },
  {
    name: 'a refusal gives back the slot of an earlier create that may yet arrive',
    file: 'lib/queue/queue.ts',
    from: 'slot !== undefined && mayHaveArrived',
    to: 'slot !== undefined && false',
    test: 'test/videos/lost-create-slot.test.ts',
  },
  {
    name: 'a lone message waits for others to share its batch',
    file: 'lib/limits.ts',
    from: 'export const batchingWindowSeconds = 0;',
    to: 'export const batchingWindowSeconds = 2;',
  },
  {
    name: 'an end gives no slot back',
    file: 'lib/queue/queue.ts',
    from: 'await slots.giveBack(workspaceId, taskId, { number: held.number })',
    to: 'await slots.list(workspaceId)',
  },
  {
    name: 'whoever takes a slot wakes nobody for the next',
    file: 'lib/queue/admit.ts',
    from: 'if (hasHeldOthersUp && (limit === undefined ||',
    to: 'if (hasHeldOthersUp && limit === undefined && (limit === undefined ||',
    test: 'test/queue/queue.test.ts',
  },
  {
    name: 'an end while a create is under way is forgotten',
    file: 'lib/queue/queue.ts',
    from: "const mayHaveOpened = reason === 'full' && !isAside;",
    to: 'const mayHaveOpened = false;',
    test: 'test/queue/queue.test.ts',
  },
  {
    name: 'a task that stands aside alone comes back ever later',
    file: 'lib/queue/queue.ts',
    from: 'first?.id === entryId',
    to: 'first === undefined',
    test: 'test/queue/queue.test.ts',
  },
];
