/** How the functions and their queues run: what `cdk/` deploys, and one machine and the simulation imitate. */

export const queueNames = ['submissions', 'images', 'polls', 'callbacks'] as const;
export type QueueName = (typeof queueNames)[number];

export const functionNames = ['api', 'submit-video', 'make-image', 'poll-video', 'deliver', 'sweep'] as const;
export type FunctionName = (typeof functionNames)[number];

export const functionTimeoutSeconds: Readonly<Record<FunctionName, number>> = {
  /** An image provider is given five minutes. */
  api: 330,
  /** A look-up (10 s) and a create (30 s); less than the lease of a submission. */
  'submit-video': 55,
  /** As long as the API. */
  'make-image': 330,
  /** A batch of queries at once, 10 s each. */
  'poll-video': 30,
  /** A receiver is given 15 s. */
  deliver: 30,
  /** Ends before the next sweep begins. */
  sweep: 55,
};
/** Of `poll-video` where it copies results, which may take two minutes. */
export const pollAndCopyTimeoutSeconds = 150;

/** Memory buys processor time as well. What the sweep gets is a setting. */
export const functionMemoryMb: Readonly<Record<Exclude<FunctionName, 'sweep'>, number>> = {
  /** Somebody waits for it. */
  api: 512,
  /** Pictures pass through these two. */
  'submit-video': 384,
  'make-image': 512,
  /** These wait for others more than they compute. */
  'poll-video': 256,
  deliver: 256,
};
/** Of `poll-video` where it copies results: room for parts of five videos; and memory buys bandwidth. */
export const pollAndCopyMemoryMb = 512;

/** Which function a queue wakes, and how many messages at once. No window: it would hold a lone message back for up to 20 s. */
export const eventSources: Readonly<Record<QueueName, { wakes: FunctionName; batchSize: number }>> = {
  submissions: { wakes: 'submit-video', batchSize: 1 },
  images: { wakes: 'make-image', batchSize: 1 },
  polls: { wakes: 'poll-video', batchSize: 5 },
  callbacks: { wakes: 'deliver', batchSize: 1 },
};
export const batchingWindowSeconds = 0;
/** How many batches of each queue may be worked on at once, unless a deployment chooses others. */
export const defaultConcurrency: Readonly<Record<QueueName, number>> = {
  submissions: 30,
  images: 10,
  polls: 10,
  callbacks: 50,
};

/** AWS asks for six times the function's time-out, so that its own retries do not count as failures of ours. */
export const visibilityTimeoutSeconds = (timeoutSeconds: number): number => 6 * timeoutSeconds;
export const queueVisibilitySeconds = (queue: QueueName): number =>
  visibilityTimeoutSeconds(functionTimeoutSeconds[eventSources[queue].wakes]);
/** So often a message is received before it goes to the dead letters. */
export const maxReceiveCount = 5;
export const sweepIntervalSeconds = 60;
/** A sweep takes up nothing more after this. */
export const sweepBudgetSeconds = 45;
/** SQS delays a message by at most this. */
export const maxDelaySeconds = 900;

/** The due index is spread over so many partitions, unless a deployment chooses more; each takes 1,000 writes a second. */
export const defaultDueShards = 8;
export const maxDueShards = 64;

/** How long a task can be kept: longer than its business takes, which is a day, and three and a half more of its callback. */
export const [minRetentionDays, maxRetentionDays] = [5, 3_650];
export const defaultRetentionDays = 30;

/** Creating requests per workspace and minute, unless a deployment or a workspace has its own limit. */
export const defaultRateLimitPerMinute = 600;
