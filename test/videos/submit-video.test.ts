import { describe, expect, it } from 'vitest';
import { createLog, type LogLine } from '../../lib/observability/log.ts';
import type { VideoProvider } from '../../lib/providers/provider.ts';
import type { Queue } from '../../lib/queue/queue.ts';
import { createAnnounce } from '../../lib/tasks/announce.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import { createFreeSlot } from '../../lib/videos/free-slot.ts';
import { createSubmitVideo } from '../../lib/videos/submit-video.ts';
import { aTask, startMs } from '../support/a-task.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createOpenQueue } from '../support/open-queue.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const accepted = { status: 'accepted', operation } as const;
const unclear = { status: 'unclear', detail: 'timed out' } as const;
const busy = { status: 'busy', reason: 'full', detail: '1303' } as const;
const notFound = { status: 'not-found' } as const;
const found = { status: 'found', operation, state: { status: 'queued' } } as const;
const { id } = aTask();

/** A stored task, and the worker that hands tasks over, at a clock that the test sets. */
const setUp = async (provider: VideoProvider, task: Task = aTask(), waiting: Partial<Queue> = {}) => {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const stored = createMemoryTaskStore(now);
  const { wakeUps, sent } = createRecordedWakeUps();
  const { queue, calls } = createOpenQueue(waiting);
  const observers = [createAnnounce(wakeUps), createFreeSlot(queue)];
  const tasks = createObservedTaskStore(stored, observers, silentLog);
  const discarded: string[] = [];
  const logged: LogLine[] = [];
  await tasks.create(task);
  const workerOn = (store: TaskStore) =>
    createSubmitVideo({
      tasks: store,
      providerOf: () => provider,
      wakeUps,
      queue,
      maxInFlight: async () => undefined,
      webhookUrlFor: ({ id }) => `https://gateway.example/hooks/${id}`,
      discardInputs: async (taskId) => {
        discarded.push(taskId);
      },
      copiesResults: false,
      now,
      random: () => 0.5,
      log: createLog((line) => logged.push(line)),
    });
  return {
    clock,
    tasks,
    sent,
    calls,
    discarded,
    logged,
    workerOn,
    submit: () => workerOn(tasks)(task.id),
    stored: async () => (await tasks.find(task.id)) ?? task,
  };
};

describe('handing a task to its provider', () => {
  it('sends our id and a webhook address, and wakes the poller at the first sensible time', async () => {
    const { provider, starts } = createScriptedProvider({ start: [accepted] });
    const { submit, stored, sent, discarded } = await setUp(provider);
    await submit();
    expect(starts).toEqual([{ taskId: id, webhookUrl: `https://gateway.example/hooks/${id}` }]);
    expect(await stored()).toMatchObject({ state: 'running', render: { operation } });
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId: id, generation: 1, lookedAtMs: startMs },
        delaySeconds: 42.721,
      },
    ]);
    expect(discarded).toEqual([id]);
  });

  it('has recorded the intention when the provider is called', async () => {
    let atCall: Task | undefined;
    const { provider } = createScriptedProvider({ start: [accepted] });
    const looking: VideoProvider = {
      ...provider,
      async prepare(request, options) {
        const send = await provider.prepare(request, options);
        return async () => {
          atCall = await stored();
          return send();
        };
      },
    };
    const { submit, stored } = await setUp(looking);
    await submit();
    expect(atCall).toMatchObject({
      state: 'submitting',
      sentAtMs: startMs,
      leaseUntilMs: startMs + 60_000,
    });
  });

  it('has recorded nothing when a stored picture cannot be read: the create is simply made later', async () => {
    const { provider, asked } = createScriptedProvider({ start: [accepted] });
    let isAway = true;
    const flaky: VideoProvider = {
      ...provider,
      async prepare(request, options) {
        if (isAway) throw new Error('S3 is away');
        return provider.prepare(request, options);
      },
    };
    const { submit, stored } = await setUp(flaky);
    await expect(submit()).rejects.toThrow('S3 is away');
    expect(await stored()).toEqual(aTask());
    isAway = false;
    await submit();
    expect(asked).toEqual(['start']);
    expect((await stored()).state).toBe('running');
  });

  it('calls the provider once, however many wake-ups come at once', async () => {
    const { provider, asked } = createScriptedProvider({ start: [accepted] });
    const { submit, sent } = await setUp(provider);
    await Promise.all(Array.from({ length: 20 }, submit));
    expect(asked).toEqual(['start']);
    expect(sent).toHaveLength(1);
  });

  it('does nothing for a task that is not there', async () => {
    const { provider, asked } = createScriptedProvider({});
    const { workerOn, tasks } = await setUp(provider);
    await workerOn(tasks)('task_unknown');
    expect(asked).toEqual([]);
  });

  it('leaves the create to its successor when it slept past its claim', async () => {
    const { provider, asked } = createScriptedProvider({});
    const { tasks, workerOn, clock, sent } = await setUp(provider);
    const sleepy: TaskStore = {
      ...tasks,
      async change(taskId, decide, seen) {
        const change = await tasks.change(taskId, decide, seen);
        clock.nowMs += 60_000;
        return change;
      },
    };
    await workerOn(sleepy)(id);
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('logs nothing of what the provider says about the content that it refused', async () => {
    const words = 'Kling refused "a very private wish".';
    const { provider } = createScriptedProvider({
      start: [{ status: 'refused', reason: words, code: '1301' }],
    });
    const { submit, stored, logged } = await setUp(provider);
    await submit();
    expect(await stored()).toMatchObject({ result: { reason: words } });
    expect(logged).toMatchObject([
      { event: 'video.handed-over', fields: { status: 'refused', code: '1301' } },
    ]);
    expect(JSON.stringify(logged)).not.toContain('private');
  });

  it.each([
    ['refused by the provider', startMs, 1],
    ['past its deadline', startMs + 7_200_000, 0],
  ])(
    'wakes the delivery of its event, and others in the queue, when a task is %s',
    async (_, nowMs, count) => {
      const { provider, asked } = createScriptedProvider({ start: [{ status: 'refused', reason: 'No.' }] });
      const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.failed'] };
      const { submit, sent, stored, clock, discarded, calls } = await setUp(provider, aTask({ callback }));
      clock.nowMs = nowMs;
      await submit();
      expect(asked).toHaveLength(count);
      expect(statusOf(await stored())).toBe('FAILURE');
      expect(sent).toMatchObject([{ queue: 'deliver' }]);
      expect(discarded).toEqual([id]);
      expect(calls).toEqual([{ method: 'release', taskId: id }]);
    },
  );
});

describe('a create whose answer is lost', () => {
  it('is looked up after a worker died with it, and what is found is adopted', async () => {
    const { provider, asked } = createScriptedProvider({ find: [found] });
    const dying: VideoProvider = {
      ...provider,
      prepare: async () => () => Promise.reject(new Error('killed')),
    };
    const { submit, stored, clock } = await setUp(dying);
    await expect(submit()).rejects.toThrow('killed');
    clock.nowMs += 60_000;
    await submit();
    expect(asked).toEqual(['find']);
    expect(await stored()).toMatchObject({ state: 'running', render: { operation } });
  });

  it('is looked up at its deadline, and a video that was paid for is not lost', async () => {
    const state = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
    const { provider } = createScriptedProvider({ start: [unclear], find: [{ ...found, state }] });
    const { submit, stored, clock } = await setUp(provider, aTask({ deadlineAtMs: startMs + 4_000 }));
    await submit();
    clock.nowMs += 4_000;
    await submit();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: state.resultUrl } });
  });

  it.each([
    ['is not there', notFound, 'never confirmed'],
    ['gives no answer', { status: 'unanswered', detail: 'HTTP 500' } as const, 'never confirmed'],
    ['still renders', { ...found, state: { status: 'running' } } as const, 'Not finished within 70 s'],
  ])('fails at its deadline where it %s, and is not sent again', async (_what, looked, words) => {
    const { provider, asked } = createScriptedProvider({ start: [unclear], find: [looked] });
    const { submit, stored, clock, discarded } = await setUp(
      provider,
      aTask({ deadlineAtMs: startMs + 70_000 }),
    );
    await submit();
    clock.nowMs += 70_000;
    await submit();
    expect(asked).toEqual(['start', 'find']);
    expect(await stored()).toMatchObject({
      result: { code: 'expired', reason: expect.stringContaining(words) },
    });
    expect(discarded).toEqual([id]);
  });

  it('is told at once if the video was ready meanwhile', async () => {
    const state = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
    const { provider } = createScriptedProvider({ start: [unclear], find: [{ ...found, state }] });
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.completed'] };
    const { submit, stored, clock, sent } = await setUp(provider, aTask({ callback }));
    await submit();
    clock.nowMs += 5_000;
    await submit();
    expect(await stored()).toMatchObject({ result: { status: 'SUCCESS', url: state.resultUrl } });
    expect(sent.at(-1)).toMatchObject({ queue: 'deliver' });
  });

  it('is sent a second time only after "not found" a minute after the first was sent', async () => {
    const { provider, asked } = createScriptedProvider({
      start: [unclear, accepted],
      find: [notFound, notFound, notFound, notFound],
    });
    const { submit, stored, clock, sent } = await setUp(provider);
    await submit();
    expect(statusOf(await stored())).toBe('UNKNOWN');
    for (const atSeconds of [5, 15, 30]) {
      expect(sent.at(-1)).toMatchObject({ queue: 'submit' });
      clock.nowMs = startMs + atSeconds * 1_000;
      await submit();
    }
    expect(asked).toEqual(['start', 'find', 'find', 'find']);
    clock.nowMs = startMs + 60_000;
    await submit();
    expect(asked).toEqual(['start', 'find', 'find', 'find', 'find', 'start']);
    expect((await stored()).state).toBe('running');
  });

  it('ends as unknown, and is not sent again, where the provider cannot look it up by our id', async () => {
    const { provider, asked } = createScriptedProvider({ start: [unclear] });
    const { find: _none, ...withoutLookUp } = provider;
    const { submit, stored, clock } = await setUp(withoutLookUp);
    await submit();
    for (const minutes of [1, 10, 60]) {
      clock.nowMs = startMs + minutes * 60_000;
      await submit();
    }
    expect(asked).toEqual(['start']);
    expect(await stored()).toMatchObject({ result: { status: 'FAILURE', code: 'unconfirmed' } });
  });

  it('ends so as well when the worker died over it', async () => {
    const { provider, asked } = createScriptedProvider({});
    const { find: _none, ...withoutLookUp } = provider;
    const dying = { ...withoutLookUp, prepare: async () => () => Promise.reject(new Error('killed')) };
    const { submit, stored, clock } = await setUp(dying);
    await expect(submit()).rejects.toThrow('killed');
    clock.nowMs += 60_000;
    await submit();
    expect(asked).toEqual([]);
    expect(await stored()).toMatchObject({ result: { code: 'unconfirmed' } });
  });

  it('is found if it arrived after the second, although the provider was too busy for that one', async () => {
    const { provider, asked } = createScriptedProvider({ start: [unclear, busy], find: [notFound, found] });
    const waiting = { membership: { sinceMs: startMs }, retryAtMs: startMs + 65_000 };
    const { submit, stored, clock } = await setUp(provider, aTask(), { refused: async () => waiting });
    await submit();
    clock.nowMs = startMs + 60_000;
    await submit();
    expect(await stored()).toMatchObject({
      state: 'unconfirmed',
      sentAtMs: startMs,
      notBeforeMs: startMs + 65_000,
    });
    clock.nowMs += 5_000;
    await submit();
    expect(asked).toEqual(['start', 'find', 'start', 'find']);
    expect(await stored()).toMatchObject({ state: 'running', render: { operation } });
  });

  it('is not sent a second time when another worker has moved the task meanwhile', async () => {
    const { provider, asked } = createScriptedProvider({ start: [unclear] });
    const slow: VideoProvider = {
      ...provider,
      async find() {
        await tasks.change(id, (task) => ({ ...task }));
        return notFound;
      },
    };
    const { submit, clock, tasks } = await setUp(slow);
    await submit();
    clock.nowMs = startMs + 60_000;
    await submit();
    expect(asked).toEqual(['start']);
  });
});

describe('a task that must wait', () => {
  const membership = { sinceMs: startMs, entryId: 'an entry', retryAtMs: startMs + 780_000 };
  const waiting = { membership, retryAtMs: membership.retryAtMs };
  const closed = { admit: async () => ({ admitted: false, ...waiting }) as const };

  it('is not handed over, keeps its membership, and comes back by itself in the end', async () => {
    const { provider, asked } = createScriptedProvider({});
    const { submit, stored, sent } = await setUp(provider, aTask(), closed);
    await submit();
    expect(asked).toEqual([]);
    expect(await stored()).toMatchObject({ state: 'queued', membership, notBeforeMs: waiting.retryAtMs });
    expect(sent).toEqual([{ queue: 'submit', message: { taskId: id }, delaySeconds: 780 }]);
  });

  it('comes back at its deadline, where that is sooner', async () => {
    const { provider } = createScriptedProvider({});
    const { submit, sent } = await setUp(provider, aTask({ deadlineAtMs: startMs + 60_000 }), closed);
    await submit();
    expect(sent).toEqual([{ queue: 'submit', message: { taskId: id }, delaySeconds: 60 }]);
  });

  it('writes and sends nothing more for being woken in vain', async () => {
    const { provider } = createScriptedProvider({});
    const { submit, stored, sent } = await setUp(provider, aTask(), closed);
    await submit();
    const { version } = await stored();
    for (let count = 0; count < 5; count += 1) await submit();
    expect((await stored()).version).toBe(version);
    expect(sent).toHaveLength(1);
  });

  it('waits after the provider was too busy for it, and comes back when the queue says', async () => {
    const { provider } = createScriptedProvider({ start: [busy] });
    const retrySoon = { membership, retryAtMs: startMs + 5_000 };
    const { submit, stored, sent, discarded } = await setUp(provider, aTask(), {
      refused: async () => retrySoon,
    });
    await submit();
    expect(await stored()).toMatchObject({ state: 'queued', membership, notBeforeMs: startMs + 5_000 });
    expect(sent).toEqual([{ queue: 'submit', message: { taskId: id }, delaySeconds: 5 }]);
    expect(discarded).toEqual([]);
  });

  it('gives back what it got if it was called off meanwhile', async () => {
    const { provider, asked } = createScriptedProvider({});
    const admit: Queue['admit'] = async () => {
      await tasks.change(id, (task) => failTask(task, { code: 'cancelled', reason: 'no' }, startMs));
      return { admitted: true, membership };
    };
    const { submit, calls, tasks } = await setUp(provider, aTask(), { admit });
    await submit();
    expect(asked).toEqual([]);
    expect(calls).toEqual([
      { method: 'release', taskId: id },
      { method: 'release', taskId: id },
    ]);
  });

  it('goes on although the queue cannot be told that the provider has it', async () => {
    const { provider } = createScriptedProvider({ start: [accepted] });
    const accept = () => Promise.reject(new Error('the table is away'));
    const { submit, stored, sent } = await setUp(provider, aTask(), { accepted: accept });
    await submit();
    expect((await stored()).state).toBe('running');
    expect(sent).toMatchObject([{ queue: 'poll' }]);
  });
});
