import { describe, expect, it } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import { anEndedTask, startMs } from '../support/a-task.ts';
import { running, setUpPolling, succeeded, taskId } from './polled-task.ts';

describe('polling a task', () => {
  it('asks once and arranges the next look', async () => {
    const { poll, sent, stored } = await setUpPolling([running]);
    await poll();
    expect(statusOf(await stored())).toBe('IN_PROGRESS');
    const message = { taskId, generation: 1, notFound: 0, lookedAtMs: startMs + 43_000 };
    expect(sent).toEqual([{ queue: 'poll', message, delaySeconds: 24.829 }]);
  });

  it('tells when a render that has ended was last under way', async () => {
    const { poll, sent, ended, clock } = await setUpPolling([
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

  it('learns nothing from polls that the sweep started, of which the last is unknown', async () => {
    const { poll, ended, freed } = await setUpPolling([succeeded]);
    await poll({ lookedAtMs: undefined });
    expect(freed()).toEqual([taskId]);
    expect(ended).toEqual([]);
  });

  it('writes nothing when nothing has changed', async () => {
    const { poll, stored } = await setUpPolling([{ status: 'queued' }]);
    await poll();
    expect((await stored()).version).toBe(1);
  });

  it('ends the task and wakes its event', async () => {
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.completed'] };
    const { poll, sent, stored } = await setUpPolling([succeeded], { callback });
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
    const { poll, asked, sent, tasks } = await setUpPolling([]);
    await tasks.change(taskId, () => then);
    await poll(message);
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('counts answers of "not found" in a row, and begins anew after any other', async () => {
    const { poll, sent, clock } = await setUpPolling([
      { status: 'not-found' },
      { status: 'unanswered', detail: '' },
    ]);
    await poll({ notFound: 2 });
    expect(sent.at(-1)?.message).toMatchObject({ notFound: 3 });
    clock.nowMs += 60_000;
    await poll({ notFound: 3 });
    expect(sent.at(-1)?.message).toMatchObject({ notFound: 0 });
  });

  it('moves the watch over the polls along once its time is near, in a new generation', async () => {
    const { poll, sent, stored } = await setUpPolling([{ status: 'queued' }], {
      pollOverdueAtMs: startMs + 60_000,
    });
    await poll();
    expect(await stored()).toMatchObject({ pollGeneration: 2, version: 2 });
    expect(sent).toMatchObject([{ message: { generation: 2 } }]);
  });

  it('lets copies of a message end when a new generation begins', async () => {
    const answers = Array.from({ length: 8 }, () => ({ status: 'queued' as const }));
    const { poll, sent } = await setUpPolling(answers, { pollOverdueAtMs: startMs + 60_000 });
    await Promise.all(Array.from({ length: 8 }, () => poll()));
    expect(sent).toHaveLength(1);
  });

  it('sends no further poll when the sweep has started a new generation during the look', async () => {
    const { poll, sent, tasks } = await setUpPolling(
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
