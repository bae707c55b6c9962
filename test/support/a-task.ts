import {
  type EndedVideo,
  type QueuedImage,
  type QueuedVideo,
  type RunningVideo,
  type SubmittingVideo,
  type UnconfirmedVideo,
  videoIdentity,
} from '../../lib/tasks/task.ts';

export const startMs = Date.parse('2026-11-22T12:00:00Z');

const common = {
  id: 'task_0123456789ABCDEFGHIJKLMNOPQRSTUV',
  workspaceId: 'workspace-1',
  livemode: true,
  keyName: 'example',
  version: 1,
  createdAtMs: startMs,
  deadlineAtMs: startMs + 7_200_000,
  expiresAtSeconds: startMs / 1000 + 30 * 86_400,
  requestHash: 'hash',
};

/** An ordinary text-to-video task, just accepted. */
export const aTask = (changes: Partial<QueuedVideo> = {}): QueuedVideo => ({
  ...common,
  kind: 'video',
  state: 'queued',
  model: 'kling/kling-v2-6',
  resolvedModel: 'kling/kling-v2-6',
  action: 'textGenerate',
  seconds: 5,
  size: '1280x720',
  price: { listMicroUsd: null },
  typicalSeconds: 75,
  request: {
    action: 'textGenerate',
    upstreamModel: 'kling-v2-6',
    parameters: { prompt: 'rain on a tin roof' },
  },
  attempts: 0,
  notBeforeMs: startMs,
  ...changes,
});

/** The same while a worker sends its create. */
export const aSubmittingTask = (changes: Partial<SubmittingVideo> = {}): SubmittingVideo => {
  const { state: _queued, ...task } = aTask();
  return {
    ...task,
    state: 'submitting',
    attempts: 1,
    sentAtMs: startMs,
    leaseUntilMs: startMs + 60_000,
    ...changes,
  };
};

/** The same after the create was not answered. */
export const anUnconfirmedTask = (changes: Partial<UnconfirmedVideo> = {}): UnconfirmedVideo => {
  const { state: _queued, ...task } = aTask();
  return {
    ...task,
    state: 'unconfirmed',
    attempts: 1,
    sentAtMs: startMs,
    notBeforeMs: startMs + 5_000,
    ...changes,
  };
};

export const aRender = {
  operation: { action: 'textGenerate' as const, id: '867283741759111202' },
  submittedAtMs: startMs,
};

/** The same once Kling has it. */
export const aRunningTask = (changes: Partial<RunningVideo> = {}): RunningVideo => ({
  ...videoIdentity.parse(aTask()),
  state: 'running',
  render: aRender,
  pollGeneration: 1,
  pollOverdueAtMs: startMs + 300_000,
  ...changes,
});

/** The same once its video is ready. */
export const anEndedTask = (changes: Partial<EndedVideo> = {}): EndedVideo => ({
  ...videoIdentity.parse(aTask()),
  state: 'ended',
  render: aRender,
  endedAtMs: startMs + 80_000,
  result: { status: 'SUCCESS', url: 'https://cdn.example/video.mp4' },
  ...changes,
});

/** Images that nobody waits for, just accepted. */
export const anImageTask = (changes: Partial<QueuedImage> = {}): QueuedImage => ({
  ...common,
  kind: 'image',
  state: 'queued',
  model: 'openai/gpt-image-1',
  resolvedModel: 'openai/gpt-image-1',
  typicalSeconds: 45,
  work: { models: ['openai/gpt-image-1'], request: { prompt: 'a lighthouse', n: 1 } },
  attempts: 0,
  notBeforeMs: startMs,
  ...changes,
});
