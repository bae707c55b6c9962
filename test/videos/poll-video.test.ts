import { describe, expect, it } from 'vitest';
import type { PollOutcome, VideoProvider } from '../../lib/providers/provider.ts';
import { createAnnounce } from '../../lib/tasks/announce.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import { completeVideo } from '../../lib/tasks/settlement.ts';
import type { RunningVideo, Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import { createFreeSlot } from '../../lib/videos/free-slot.ts';
import { createPollVideo } from '../../lib/videos/poll-video.ts';
import { createReceiveProviderWebhook } from '../../lib/videos/provider-webhook.ts';
import type { CopyResult, ResultCopy } from '../../lib/videos/result-copy.ts';
import { anEndedTask, aRunningTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createOpenQueue } from '../support/open-queue.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

const { id: taskId } = aRunningTask();
/** When 93 % of the renders have ended. */
const safetyNetMs = 206_270;
const succeeded = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
const running = { status: 'running' } as const;

const setUp = async (
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

describe('polling a task', () => {
  it('asks once and arranges the next look', async () => {
    const { poll, sent, stored } = await setUp([running]);
    await poll();
    expect(statusOf(await stored())).toBe('IN_PROGRESS');
    const message = { taskId, generation: 1, notFound: 0, lookedAtMs: startMs + 43_000 };
    expect(sent).toEqual([{ queue: 'poll', message, delaySeconds: 24.829 }]);
  });

  it('tells when a render that has ended was last under way', async () => {
    const { poll, sent, ended, clock } = await setUp([
      running,
      { status: 'unanswered', detail: '' },
      succeeded,
    ]);
    for (const atMs of [startMs + 43_000, startMs + 70_000, startMs + 91_000]) {
      clock.nowMs = atMs;
      await poll(sent.at(-1)?.message as object);
    }
    expect(ended).toEqual([{ id: taskId, lookedAtMs: startMs + 43_000 }]);
  });

  it('learns nothing from a chain that the sweep started, whose last poll is unknown', async () => {
    const { poll, ended, freed } = await setUp([succeeded]);
    await poll({ lookedAtMs: undefined });
    expect(freed()).toEqual([taskId]);
    expect(ended).toEqual([]);
  });

  it('writes nothing when nothing has changed', async () => {
    const { poll, stored } = await setUp([{ status: 'queued' }]);
    await poll();
    expect((await stored()).version).toBe(1);
  });

  it('ends the task and wakes its event', async () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.completed'] };
    const { poll, sent, stored } = await setUp([succeeded], { callback });
    await poll();
    expect(statusOf(await stored())).toBe('SUCCESS');
    const { delivery } = await stored();
    expect(sent).toEqual([
      { queue: 'deliver', message: { taskId, eventId: delivery?.eventId }, delaySeconds: 0 },
    ]);
  });

  it.each([
    ['is of an earlier generation', { generation: 0 }, undefined],
    ['comes after the end', {}, anEndedTask()],
    ['names no task that there is', { taskId: 'task_unknown' }, undefined],
  ])('does not even ask when the message %s', async (_, message, then) => {
    const { poll, asked, sent, tasks } = await setUp([]);
    await tasks.change(taskId, () => then);
    await poll(message);
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('counts answers of "not found" in a row, and begins anew after any other', async () => {
    const { poll, sent, clock } = await setUp([
      { status: 'not-found' },
      { status: 'unanswered', detail: '' },
    ]);
    await poll({ notFound: 2 });
    expect(sent.at(-1)?.message).toMatchObject({ notFound: 3 });
    clock.nowMs += 60_000;
    await poll({ notFound: 3 });
    expect(sent.at(-1)?.message).toMatchObject({ notFound: 0 });
  });

  it('moves the watch over the chain along once its time is near, under a new name', async () => {
    const { poll, sent, stored } = await setUp([{ status: 'queued' }], { pollOverdueAtMs: startMs + 60_000 });
    await poll();
    expect(await stored()).toMatchObject({ pollGeneration: 2, version: 2 });
    expect(sent).toMatchObject([{ message: { generation: 2 } }]);
  });

  it('lets copies of a message end when the chain is renamed', async () => {
    const answers = Array.from({ length: 8 }, () => ({ status: 'queued' as const }));
    const { poll, sent } = await setUp(answers, { pollOverdueAtMs: startMs + 60_000 });
    await Promise.all(Array.from({ length: 8 }, () => poll()));
    expect(sent).toHaveLength(1);
  });

  it('ends its chain when the sweep has started another during the look', async () => {
    const { poll, sent, tasks } = await setUp(
      [],
      {},
      {
        async poll() {
          await tasks.change(taskId, (task) =>
            task.state === 'running' ? { ...task, pollGeneration: 2 } : undefined,
          );
          return running;
        },
      },
    );
    await poll();
    expect(sent).toEqual([]);
  });
});

describe('keeping results', () => {
  const copy: ResultCopy = { status: 'copied', url: 'https://gateway.example/files/result_1' };
  const failed: ResultCopy = { status: 'failed', detail: 'the link was answered with HTTP 404' };

  it('ends the task with the link to the copy', async () => {
    const { poll, copied, ended, stored } = await setUp([succeeded], {}, {}, [copy]);
    await poll();
    expect(copied).toEqual([succeeded.resultUrl]);
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: copy.url } });
    expect(ended).toMatchObject([{ id: taskId }]);
  });

  it('copies once, however many polls see the video at a time', async () => {
    const slow = Promise.withResolvers<ResultCopy>();
    const begun = Promise.withResolvers<void>();
    let copies = 0;
    const { clock, poll, reportEnd, followPoll, sent, stored } = await setUp(
      [succeeded, succeeded],
      {},
      {},
      {
        copyResult: () => {
          copies += 1;
          begun.resolve();
          return slow.promise;
        },
      },
    );
    const first = poll();
    await begun.promise;
    clock.nowMs += 60_000;
    await reportEnd();
    await followPoll();
    expect(copies).toBe(1);
    expect(sent.at(-1)).toMatchObject({ queue: 'poll', delaySeconds: 90 });
    slow.resolve(copy);
    await first;
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: copy.url } });
    await followPoll();
    expect(copies).toBe(1);
  });

  it('copies again when the worker that did so has died', async () => {
    const { clock, poll, copied } = await setUp([succeeded], { leaseUntilMs: startMs + 200_000 }, {}, [copy]);
    await poll();
    expect(copied).toEqual([]);
    clock.nowMs = startMs + 200_000;
    await poll();
    expect(copied).toEqual([succeeded.resultUrl]);
  });

  it('tries again soon when a copy failed, although others wait for its end', async () => {
    const slow = Promise.withResolvers<ResultCopy>();
    const begun = Promise.withResolvers<void>();
    const answers = [slow.promise, Promise.resolve(copy)];
    const { poll, reportEnd, followPoll, sent, stored } = await setUp(
      [succeeded, succeeded],
      {},
      {},
      {
        copyResult: () => {
          begun.resolve();
          return answers.shift() ?? expect.fail('nobody expected another copy');
        },
      },
    );
    const first = poll();
    await begun.promise;
    await reportEnd();
    await followPoll();
    slow.resolve(failed);
    await first;
    expect(sent.at(-1)?.delaySeconds).toBeLessThan(60);
    await followPoll();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: copy.url } });
  });

  it('gives the claim back whenever a copy failed', async () => {
    const { poll, stored, followPoll } = await setUp([succeeded, succeeded], {}, {}, [failed, failed]);
    await poll();
    expect(await stored()).toMatchObject({ uncopiedUrl: succeeded.resultUrl });
    expect(await stored()).not.toHaveProperty('leaseUntilMs');
    await followPoll();
    expect(await stored()).not.toHaveProperty('leaseUntilMs');
  });

  it('copies nothing while there is no video', async () => {
    const { poll, copied } = await setUp([running], {}, {}, []);
    await poll();
    expect(copied).toEqual([]);
  });

  it('comes back by the chain of polls when a copy failed, and tells of no end', async () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.completed'] };
    const { poll, sent, clock, stored, ended, freed } = await setUp(
      [succeeded, succeeded],
      { callback },
      {},
      [failed, copy],
    );
    await poll();
    expect(await stored()).toMatchObject({ state: 'running', pollGeneration: 1 });
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId, generation: 1, notFound: 0, lookedAtMs: startMs },
        delaySeconds: 24.829,
      },
    ]);
    clock.nowMs += 24_500;
    await poll();
    const { delivery } = await stored();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: copy.url } });
    expect(sent.at(-1)?.message).toEqual({ taskId, eventId: delivery?.eventId });
    // How long a task waited for its copy is no render time.
    expect(ended).toEqual([]);
    expect(freed()).toEqual([taskId]);
  });

  it('ends with the provider’s own link when the deadline comes first', async () => {
    const deadlineAtMs = startMs + 60_000;
    const { poll, sent, clock, stored } = await setUp([succeeded, succeeded], { deadlineAtMs }, {}, [
      failed,
      failed,
    ]);
    await poll();
    expect(sent.at(-1)?.delaySeconds).toBe((deadlineAtMs - clock.nowMs) / 1_000);
    clock.nowMs = deadlineAtMs;
    await poll();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: succeeded.resultUrl } });
  });

  it('ends with it as well when the provider is silent at the deadline', async () => {
    const deadlineAtMs = startMs + 60_000;
    const silent = { status: 'unanswered', detail: 'timed out' } as const;
    const { poll, clock, stored } = await setUp([succeeded, silent], { deadlineAtMs }, {}, [failed]);
    await poll();
    clock.nowMs = deadlineAtMs;
    await poll();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: succeeded.resultUrl } });
  });

  it('does not change the end that another worker brought about meanwhile', async () => {
    const { poll, tasks, stored } = await setUp(
      [],
      {},
      {
        async poll() {
          await tasks.change(taskId, (task) =>
            task.state === 'running' ? completeVideo(task, 'https://first.example', startMs) : undefined,
          );
          return succeeded;
        },
      },
      [copy],
    );
    await poll();
    expect(await stored()).toMatchObject({ result: { url: 'https://first.example' } });
  });
});

describe('an end that a webhook of the provider reports', () => {
  const silent = { status: 'unanswered', detail: '1302' } as const;

  it('is asked for at once', async () => {
    const { reportEnd, followPoll, stored, asked, clock } = await setUp([succeeded]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await followPoll();
    expect(clock.nowMs).toBe(startMs + 50_000);
    expect(asked).toEqual(['poll']);
    expect(statusOf(await stored())).toBe('SUCCESS');
  });

  it('is looked for until the provider shows it, close together at first', async () => {
    const answers = [running, silent, silent, running, succeeded];
    const { reportEnd, followPoll, stored, clock } = await setUp(answers);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    const looks: number[] = [];
    for (const _answer of [...answers]) {
      await followPoll();
      looks.push(clock.nowMs - startMs - 50_000);
    }
    expect(looks).toEqual([0, 5_000, 10_000, 20_000, 40_000]);
    expect(statusOf(await stored())).toBe('SUCCESS');
  });

  it('of which a storm tells is asked for twice, two seconds apart', async () => {
    const { reportEnd, followPoll, asked, sent, clock } = await setUp([running, running]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await followPoll();
    sent.length = 0;
    for (let count = 0; count < 50; count += 1) await reportEnd();
    expect(sent).toMatchObject([{ queue: 'poll', delaySeconds: 2 }]);
    await followPoll();
    expect(asked).toEqual(['poll', 'poll']);
  });

  it('makes the message of the schedule stale that was on its way', async () => {
    const { reportEnd, poll, asked, clock } = await setUp([]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await poll();
    expect(asked).toEqual([]);
  });

  it('teaches how long such a render takes', async () => {
    const { reportEnd, followPoll, ended, clock } = await setUp([succeeded]);
    clock.nowMs = startMs + 60_000;
    await reportEnd();
    await followPoll();
    expect(ended).toEqual([{ id: taskId, lookedAtMs: startMs + 58_000 }]);
  });

  it('comes back to the video when it could not be copied at once', async () => {
    const failed: ResultCopy = { status: 'failed', detail: 'HTTP 404' };
    const copy: ResultCopy = { status: 'copied', url: 'https://gateway.example/files/result_1' };
    const { reportEnd, followPoll, stored, clock } = await setUp([succeeded, succeeded], {}, {}, [
      failed,
      copy,
    ]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await followPoll();
    expect(statusOf(await stored())).toBe('IN_PROGRESS');
    await followPoll();
    expect(await stored()).toMatchObject({ result: { url: copy.url } });
  });
});

describe('while webhooks arrive', () => {
  const webhooks = { looks: 0 };

  it('the early polls are left out, but a safety net is kept', async () => {
    const { poll, asked, sent, clock } = await setUp([running], { webhooks });
    clock.nowMs = startMs + 67_500;
    await poll();
    expect(asked).toEqual([]);
    const safetyNetAtMs = startMs + safetyNetMs;
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId, generation: 1, notFound: 0, lookedAtMs: startMs },
        delaySeconds: (safetyNetAtMs - clock.nowMs) / 1_000,
      },
    ]);
    clock.nowMs = safetyNetAtMs;
    await poll();
    expect(asked).toEqual(['poll']);
  });

  it('does not pass over the first look of the safety net where that is further off than a message can wait', async () => {
    const { poll, asked, sent, clock } = await setUp([], { typicalSeconds: 400, webhooks });
    clock.nowMs = startMs + 228_000;
    await poll();
    expect(sent.at(-1)).toMatchObject({ message: { generation: 2 }, delaySeconds: 600 });
    clock.nowMs += 600_000;
    await poll({ generation: 2 });
    expect(sent.at(-1)).toMatchObject({ delaySeconds: 272.109 });
    expect(asked).toEqual([]);
  });

  it('nothing is learned of a render whose webhook was lost', async () => {
    const { poll, ended, freed, clock } = await setUp([succeeded], { webhooks });
    clock.nowMs = startMs + safetyNetMs;
    await poll();
    expect(freed()).toEqual([taskId]);
    expect(ended).toEqual([]);
  });

  it('the provider is asked at the deadline all the same', async () => {
    const deadlineAtMs = startMs + 60_000;
    const { poll, stored, clock } = await setUp([running], { deadlineAtMs, webhooks });
    clock.nowMs = deadlineAtMs;
    await poll();
    expect(await stored()).toMatchObject({ result: { code: 'expired' } });
  });

  it('one "not found" is taken for a replica that lags', async () => {
    const { poll, stored } = await setUp([{ status: 'not-found' }]);
    await poll();
    expect(statusOf(await stored())).toBe('SUBMITTED');
  });
});
