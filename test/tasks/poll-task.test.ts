import { describe, expect, it } from 'vitest';
import type { PollOutcome, VideoProvider } from '../../lib/providers/provider.ts';
import { createPollTask } from '../../lib/tasks/poll-task.ts';
import type { ResultCopy } from '../../lib/tasks/result-copy.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

const { id: taskId } = aSubmittedTask();
/** When 93 % of the renders have ended. */
const safetyNetMs = 206_270;
const succeeded = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
const running = { status: 'running' } as const;

const setUp = async (
  script: PollOutcome[],
  changes: Partial<Task> = {},
  override?: Partial<VideoProvider>,
  copies?: ResultCopy[],
) => {
  const clock = { nowMs: startMs + 43_000 };
  const now = () => clock.nowMs;
  const tasks = createMemoryTaskStore(now);
  const { wakeUps, sent } = createRecordedWakeUps();
  const { provider, asked } = createScriptedProvider({ poll: script });
  await tasks.create(aSubmittedTask(changes));
  const copied: string[] = [];
  const ended: { id: string; lookedAtMs: number }[] = [];
  const freed: string[] = [];
  const poll = createPollTask({
    tasks,
    provider: { ...provider, ...override },
    wakeUps,
    copyResult:
      copies &&
      (async (link) => {
        copied.push(link);
        return copies.shift() ?? expect.fail('nobody expected another copy');
      }),
    onRenderSeen: async ({ id }, lookedAtMs) => void ended.push({ id, lookedAtMs }),
    onSlotFreed: async ({ id }) => void freed.push(id),
    now,
    log: silentLog,
  });
  return {
    clock,
    sent,
    asked,
    copied,
    ended,
    freed,
    tasks,
    poll: (message: Partial<Parameters<typeof poll>[0]> = {}) =>
      poll({ taskId, chain: 1, poll: 0, notFound: 0, lookedAtMs: startMs, ...message }),
    push: (arrangedForMs?: number, mayTellEnd?: true) =>
      poll({ taskId, arrangedForMs, mayTellEnd, poll: 0, notFound: 0 }),
    stored: async () => (await tasks.find(taskId)) ?? aSubmittedTask(),
  };
};

describe('polling a task', () => {
  it('asks once and arranges the next look', async () => {
    const { poll, sent, stored } = await setUp([running]);
    await poll();
    expect((await stored()).status).toBe('IN_PROGRESS');
    const message = { taskId, chain: 1, poll: 1, notFound: 0, lookedAtMs: startMs + 43_000 };
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

  it('teaches nothing by a chain that the sweep has started: nobody knows when it was last looked at', async () => {
    const { poll, ended, freed } = await setUp([succeeded]);
    await poll({ lookedAtMs: undefined });
    expect(freed).toEqual([taskId]);
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
    const { status, delivery } = await stored();
    expect(status).toBe('SUCCESS');
    expect(sent).toEqual([
      { queue: 'deliver', message: { taskId, eventId: delivery?.eventId }, delaySeconds: 0 },
    ]);
  });

  it.each([
    ['is of an earlier chain', { chain: 0 }, {}],
    ['comes after the end', {}, { status: 'SUCCESS' as const }],
    ['names no task that there is', { taskId: 'task_unknown' }, {}],
  ])('does not even ask when the message %s', async (_, message, changes) => {
    const { poll, asked, sent } = await setUp([], changes);
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
    expect(await stored()).toMatchObject({ pollChain: 2, version: 2 });
    expect(sent).toMatchObject([{ message: { chain: 2, poll: 1 } }]);
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
          await tasks.change(taskId, (task) => ({ ...task, pollChain: 2 }));
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
    expect(await stored()).toMatchObject({ status: 'SUCCESS', resultUrl: copy.url });
    expect(ended).toMatchObject([{ id: taskId }]);
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
    expect(await stored()).toMatchObject({ status: 'IN_PROGRESS', pollChain: 1 });
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId, chain: 1, poll: 1, notFound: 0, lookedAtMs: startMs },
        delaySeconds: 24.829,
      },
    ]);
    clock.nowMs += 24_500;
    await poll({ poll: 1 });
    const { status, resultUrl, delivery } = await stored();
    expect({ status, resultUrl }).toEqual({ status: 'SUCCESS', resultUrl: copy.url });
    expect(sent.at(-1)?.message).toEqual({ taskId, eventId: delivery?.eventId });
    // How long a task waited for its copy is no render time.
    expect(ended).toEqual([]);
    expect(freed).toEqual([taskId]);
  });

  it('leaves the task to its chain when the copy that a push led to failed', async () => {
    const { push, sent, clock, stored } = await setUp([succeeded], {}, {}, [failed]);
    clock.nowMs = startMs + 50_000;
    await push();
    expect((await stored()).status).toBe('IN_PROGRESS');
    expect(sent).toEqual([]);
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
    await poll({ poll: 1 });
    expect(await stored()).toMatchObject({ status: 'SUCCESS', resultUrl: succeeded.resultUrl });
  });

  it('ends with it as well when the provider is silent at the deadline', async () => {
    const deadlineAtMs = startMs + 60_000;
    const silent = { status: 'unanswered', detail: 'timed out' } as const;
    const { poll, clock, stored } = await setUp([succeeded, silent], { deadlineAtMs }, {}, [failed]);
    await poll();
    clock.nowMs = deadlineAtMs;
    await poll({ poll: 1 });
    expect(await stored()).toMatchObject({ status: 'SUCCESS', resultUrl: succeeded.resultUrl });
  });

  it('does not change the end that another worker brought about meanwhile', async () => {
    const { poll, tasks, stored } = await setUp(
      [],
      {},
      {
        async poll() {
          await tasks.change(taskId, (task) => ({
            ...task,
            status: 'SUCCESS',
            resultUrl: 'https://first.example',
          }));
          return succeeded;
        },
      },
      [copy],
    );
    await poll();
    expect((await stored()).resultUrl).toBe('https://first.example');
  });
});

describe("answering the provider's push", () => {
  it('asks at once and leaves the chain alone', async () => {
    const { push, stored, asked, sent, clock } = await setUp([running]);
    clock.nowMs = startMs + 50_000;
    await push();
    expect(asked).toEqual(['poll']);
    expect(await stored()).toMatchObject({ status: 'IN_PROGRESS', pollChain: 1 });
    expect(sent).toEqual([]);
  });

  it.each([running, { status: 'unanswered', detail: '' }] as const)(
    'asks once more, soon, where a push tells of an end and the answer is $status',
    async (answer) => {
      const { push, asked, sent, clock } = await setUp([answer, answer]);
      clock.nowMs = startMs + 50_000;
      await push(undefined, true);
      expect(sent).toEqual([{ queue: 'poll', message: { taskId }, delaySeconds: 5 }]);
      clock.nowMs += 5_000;
      await push();
      expect(asked).toEqual(['poll', 'poll']);
      expect(sent).toHaveLength(1);
    },
  );

  it('asks once more also where the first look for an end had to be put off', async () => {
    const { push, sent, clock } = await setUp([running, running]);
    clock.nowMs = startMs + 50_000;
    await push();
    await push(undefined, true);
    clock.nowMs += 2_000;
    await push(clock.nowMs, true);
    expect(sent).toEqual([
      { queue: 'poll', message: { taskId, arrangedForMs: clock.nowMs, mayTellEnd: true }, delaySeconds: 2 },
      { queue: 'poll', message: { taskId }, delaySeconds: 5 },
    ]);
  });

  it('asks no more where the push of an end was right', async () => {
    const { push, sent, clock } = await setUp([succeeded]);
    clock.nowMs = startMs + 50_000;
    await push(undefined, true);
    expect(sent.filter(({ queue }) => queue === 'poll')).toEqual([]);
  });

  it('turns a storm of pushes into two looks, two seconds apart', async () => {
    const { push, asked, sent, clock } = await setUp([running, running]);
    clock.nowMs = startMs + 50_000;
    for (let count = 0; count < 50; count += 1) await push();
    expect(asked).toEqual(['poll']);
    const arrangedForMs = startMs + 52_000;
    expect(sent).toEqual([{ queue: 'poll', message: { taskId, arrangedForMs }, delaySeconds: 2 }]);
    clock.nowMs = arrangedForMs;
    await push(arrangedForMs);
    expect(asked).toEqual(['poll', 'poll']);
  });

  it('leaves the early looks of the chain out once pushes arrive, but keeps it as a safety net', async () => {
    const { push, poll, asked, sent, clock } = await setUp([running, running]);
    clock.nowMs = startMs + 50_000;
    await push();
    clock.nowMs = startMs + 67_500;
    await poll({ poll: 1 });
    expect(asked).toEqual(['poll']);
    const safetyNetAtMs = startMs + safetyNetMs;
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId, chain: 1, poll: 7, notFound: 0, lookedAtMs: startMs },
        delaySeconds: (safetyNetAtMs - clock.nowMs) / 1_000,
      },
    ]);
    clock.nowMs = safetyNetAtMs;
    await poll({ poll: 7 });
    expect(asked).toEqual(['poll', 'poll']);
  });

  it('does not pass over the first look of the safety net where that is further off than a message can wait', async () => {
    const { poll, asked, sent, clock } = await setUp([], { typicalSeconds: 400, hearsPushes: true });
    const message = { taskId, chain: 1, poll: 7, notFound: 0, lookedAtMs: startMs };
    clock.nowMs = startMs + 228_000;
    await poll();
    expect(sent.at(-1)).toEqual({ queue: 'poll', message: { ...message, chain: 2 }, delaySeconds: 600 });
    clock.nowMs += 600_000;
    await poll({ poll: 7, chain: 2 });
    expect(sent.at(-1)).toMatchObject({ message: { poll: 7 }, delaySeconds: 272.109 });
    expect(asked).toEqual([]);
  });

  it('learns nothing of a render whose push was lost: nobody looked for long', async () => {
    const { push, poll, ended, freed, clock } = await setUp([running, succeeded]);
    clock.nowMs = startMs + 50_000;
    await push();
    clock.nowMs = startMs + safetyNetMs;
    await poll({ poll: 7 });
    expect(freed).toEqual([taskId]);
    expect(ended).toEqual([]);
  });

  it('learns of a render whose end a push told', async () => {
    const { push, ended, clock } = await setUp([running, succeeded]);
    clock.nowMs = startMs + 50_000;
    await push();
    clock.nowMs = startMs + 60_000;
    await push();
    expect(ended).toEqual([{ id: taskId, lookedAtMs: startMs + 58_000 }]);
  });

  it('asks at the deadline, pushes or not', async () => {
    const deadlineAtMs = startMs + 60_000;
    const { push, poll, stored, clock } = await setUp([running, running], { deadlineAtMs });
    await push();
    clock.nowMs = deadlineAtMs;
    await poll({ poll: 1 });
    expect(await stored()).toMatchObject({ status: 'FAILURE' });
  });

  it('takes one "not found" for a replica that lags', async () => {
    const { push, stored } = await setUp([{ status: 'not-found' }]);
    await push();
    expect((await stored()).status).toBe('SUBMITTED');
  });
});
