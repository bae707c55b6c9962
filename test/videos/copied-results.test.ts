import { describe, expect, it } from 'vitest';
import { completeVideo } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import type { ResultCopy } from '../../lib/videos/result-copy.ts';
import { startMs } from '../support/a-task.ts';
import { running, setUpPolling, succeeded, taskId } from './polled-task.ts';

describe('keeping results', () => {
  const copy: ResultCopy = { status: 'copied', url: 'https://gateway.example/files/result_1' };
  const failed: ResultCopy = { status: 'failed', detail: 'the link was answered with HTTP 404' };

  it('ends the task with the link to the copy', async () => {
    const { poll, copied, ended, stored } = await setUpPolling([succeeded], {}, {}, [copy]);
    await poll();
    expect(copied).toEqual([succeeded.resultUrl]);
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: copy.url } });
    expect(ended).toMatchObject([{ id: taskId }]);
  });

  it('copies once, however many polls see the video at a time', async () => {
    const slow = Promise.withResolvers<ResultCopy>();
    const begun = Promise.withResolvers<void>();
    let copies = 0;
    const { clock, poll, reportEnd, followPoll, sent, stored } = await setUpPolling(
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
    const { clock, poll, copied } = await setUpPolling([succeeded], { leaseUntilMs: startMs + 200_000 }, {}, [
      copy,
    ]);
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
    const { poll, reportEnd, followPoll, sent, stored } = await setUpPolling(
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
    const { poll, stored, followPoll } = await setUpPolling([succeeded, succeeded], {}, {}, [failed, failed]);
    await poll();
    expect(await stored()).toMatchObject({ uncopiedUrl: succeeded.resultUrl });
    expect(await stored()).not.toHaveProperty('leaseUntilMs');
    await followPoll();
    expect(await stored()).not.toHaveProperty('leaseUntilMs');
  });

  it('copies nothing while there is no video', async () => {
    const { poll, copied } = await setUpPolling([running], {}, {}, []);
    await poll();
    expect(copied).toEqual([]);
  });

  it('comes back by another poll when a copy failed, and tells of no end', async () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.completed'] };
    const { poll, sent, clock, stored, ended, freed } = await setUpPolling(
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
    const { poll, sent, clock, stored } = await setUpPolling([succeeded, succeeded], { deadlineAtMs }, {}, [
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
    const { poll, clock, stored } = await setUpPolling([succeeded, silent], { deadlineAtMs }, {}, [failed]);
    await poll();
    clock.nowMs = deadlineAtMs;
    await poll();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: succeeded.resultUrl } });
  });

  it('does not change the end that another worker brought about meanwhile', async () => {
    const { poll, tasks, stored } = await setUpPolling(
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
