import { expect } from 'vitest';
import type { PollOutcome, VideoProvider } from '../../lib/providers/provider.ts';
import { createAnnounce } from '../../lib/tasks/announce.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import type { RunningVideo } from '../../lib/tasks/task.ts';
import { createFreeSlot } from '../../lib/videos/free-slot.ts';
import { createPollVideo } from '../../lib/videos/poll-video.ts';
import { createReceiveProviderWebhook } from '../../lib/videos/provider-webhook.ts';
import type { CopyResult, ResultCopy } from '../../lib/videos/result-copy.ts';
import { aRunningTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createOpenQueue } from '../support/open-queue.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

export const { id: taskId } = aRunningTask();
/** When 93 % of the renders have ended. */
export const safetyNetMs = 206_270;
export const succeeded = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
export const running = { status: 'running' } as const;

export const setUpPolling = async (
  script: PollOutcome[],
  changes: Partial<RunningVideo> = {},
  override?: Partial<VideoProvider>,
  copies?: ResultCopy[] | { copyResult: CopyResult },
) => {
  const clock = { nowMs: startMs + 43_000 };
  const now = () => clock.nowMs;
  const { wakeUps, sent } = createRecordedWakeUps();
  const { queue, calls } = createOpenQueue();
  const observers = [createAnnounce(wakeUps), createFreeSlot(queue)];
  const tasks = createObservedTaskStore(createMemoryTaskStore(now), observers, silentLog);
  const { provider, asked } = createScriptedProvider({ poll: script });
  await tasks.create(aRunningTask(changes));
  const copied: string[] = [];
  const ended: { id: string; lookedAtMs: number }[] = [];
  const poll = createPollVideo({
    tasks,
    providerOf: () => ({ ...provider, ...override }),
    wakeUps,
    copyResult: Array.isArray(copies)
      ? async (link) => {
          copied.push(link);
          return copies.shift() ?? expect.fail('nobody expected another copy');
        }
      : copies?.copyResult,
    onRenderSeen: async ({ id }, lookedAtMs) => void ended.push({ id, lookedAtMs }),
    now,
    log: silentLog,
  });
  return {
    clock,
    sent,
    asked,
    copied,
    ended,
    freed: () => calls.map(({ taskId }) => taskId),
    tasks,
    poll: (message: Partial<Parameters<typeof poll>[0]> = {}) =>
      poll({ taskId, generation: 1, notFound: 0, lookedAtMs: startMs, ...message }),
    /** Works on the poll message that was sent last, when its time has come. */
    async followPoll() {
      const last = sent.findLast(({ queue }) => queue === 'poll') ?? expect.fail('no poll was sent');
      clock.nowMs += Math.ceil(last.delaySeconds * 1_000);
      await poll({ notFound: 0, lookedAtMs: undefined, ...last.message } as Parameters<typeof poll>[0]);
    },
    /** A webhook that may tell of an end comes in. */
    reportEnd: () => createReceiveProviderWebhook({ tasks, wakeUps, now })(taskId, undefined),
    stored: async () => (await tasks.find(taskId)) ?? aRunningTask(),
  };
};
