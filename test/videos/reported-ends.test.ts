import { describe, expect, it } from 'vitest';
import { statusOf } from '../../lib/tasks/task-status.ts';
import type { ResultCopy } from '../../lib/videos/result-copy.ts';
import { startMs } from '../support/a-task.ts';
import { running, safetyNetMs, setUpPolling, succeeded, taskId } from './polled-task.ts';

describe('an end that a webhook of the provider reports', () => {
  const silent = { status: 'unanswered', detail: '1302' } as const;

  it('is asked for at once', async () => {
    const { reportEnd, followPoll, stored, asked, clock } = await setUpPolling([succeeded]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await followPoll();
    expect(clock.nowMs).toBe(startMs + 50_000);
    expect(asked).toEqual(['poll']);
    expect(statusOf(await stored())).toBe('SUCCESS');
  });

  it('is looked for until the provider shows it, close together at first', async () => {
    const answers = [running, silent, silent, running, succeeded];
    const { reportEnd, followPoll, stored, clock } = await setUpPolling(answers);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    const looks: number[] = [];
    for (const _answer of [...answers]) {
      await followPoll();
      looks.push(clock.nowMs - startMs - 50_000);
    }
    expect(looks).toEqual([0, 5_000, 11_000, 17_000, 23_000]);
    expect(statusOf(await stored())).toBe('SUCCESS');
  });

  it('of which a storm tells is asked for twice, two seconds apart', async () => {
    const { reportEnd, followPoll, asked, sent, clock } = await setUpPolling([running, running]);
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
    const { reportEnd, poll, asked, clock } = await setUpPolling([]);
    clock.nowMs = startMs + 50_000;
    await reportEnd();
    await poll();
    expect(asked).toEqual([]);
  });

  it('teaches how long such a render takes', async () => {
    const { reportEnd, followPoll, ended, clock } = await setUpPolling([succeeded]);
    clock.nowMs = startMs + 60_000;
    await reportEnd();
    await followPoll();
    expect(ended).toEqual([{ id: taskId, lookedAtMs: startMs + 58_000 }]);
  });

  it('comes back to the video when it could not be copied at once', async () => {
    const failed: ResultCopy = { status: 'failed', detail: 'HTTP 404' };
    const copy: ResultCopy = { status: 'copied', url: 'https://gateway.example/files/result_1' };
    const { reportEnd, followPoll, stored, clock } = await setUpPolling([succeeded, succeeded], {}, {}, [
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
    const { poll, asked, sent, clock } = await setUpPolling([running], { webhooks });
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
    const { poll, asked, sent, clock } = await setUpPolling([], { typicalSeconds: 400, webhooks });
    clock.nowMs = startMs + 228_000;
    await poll();
    expect(sent.at(-1)).toMatchObject({ message: { generation: 2 }, delaySeconds: 600 });
    clock.nowMs += 600_000;
    await poll({ generation: 2 });
    expect(sent.at(-1)).toMatchObject({ delaySeconds: 272.109 });
    expect(asked).toEqual([]);
  });

  it('nothing is learned of a render whose webhook was lost', async () => {
    const { poll, ended, freed, clock } = await setUpPolling([succeeded], { webhooks });
    clock.nowMs = startMs + safetyNetMs;
    await poll();
    expect(freed()).toEqual([taskId]);
    expect(ended).toEqual([]);
  });

  it('the provider is asked at the deadline all the same', async () => {
    const deadlineAtMs = startMs + 60_000;
    const { poll, stored, clock } = await setUpPolling([running], { deadlineAtMs, webhooks });
    clock.nowMs = deadlineAtMs;
    await poll();
    expect(await stored()).toMatchObject({ result: { code: 'expired' } });
  });

  it('one "not found" is taken for a replica that lags', async () => {
    const { poll, stored } = await setUpPolling([{ status: 'not-found' }]);
    await poll();
    expect(statusOf(await stored())).toBe('SUBMITTED');
  });
});
