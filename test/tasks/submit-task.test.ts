import { describe, expect, it } from 'vitest';
import type { VideoProvider } from '../../lib/providers/provider.ts';
import { modelLineOf, placeFor } from '../../lib/tasks/line.ts';
import { createSubmitTask } from '../../lib/tasks/submit-task.ts';
import type { Task } from '../../lib/tasks/task.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import { aTask, startMs } from '../support/a-task.ts';
import { createMemoryInFlight } from '../support/memory-in-flight.ts';
import { createMemoryLine } from '../support/memory-line.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const accepted = { status: 'accepted', operation } as const;
const unclear = { status: 'unclear', detail: 'timed out' } as const;

/** A stored task, and the worker that hands tasks over, at a clock that the test sets. */
const setUp = async (provider: VideoProvider, task: Task = aTask()) => {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const tasks = createMemoryTaskStore(now);
  const { wakeUps, sent } = createRecordedWakeUps();
  const discarded: string[] = [];
  const line = createMemoryLine(now);
  await tasks.create(task);
  const workerOn = (store: TaskStore) =>
    createSubmitTask({
      tasks: store,
      provider,
      wakeUps,
      line,
      inFlight: createMemoryInFlight(),
      maxInFlight: async () => undefined,
      pushUrlFor: (taskId) => `https://gateway.example/hooks/${taskId}`,
      discardInputs: async (taskId) => {
        discarded.push(taskId);
      },
      now,
      random: () => 0.5,
      log: silentLog,
    });
  return {
    clock,
    tasks,
    line,
    sent,
    discarded,
    workerOn,
    submit: () => workerOn(tasks)(task.id),
    stored: async () => (await tasks.find(task.id)) ?? task,
  };
};

describe('handing a task to its provider', () => {
  it('sends our id and a push address, and wakes the poller at the first sensible time', async () => {
    const { provider, starts } = createScriptedProvider({ start: [accepted] });
    const { submit, stored, sent, discarded } = await setUp(provider);
    await submit();
    const { id } = aTask();
    expect(starts).toEqual([{ taskId: id, pushUrl: `https://gateway.example/hooks/${id}` }]);
    expect(await stored()).toMatchObject({ status: 'SUBMITTED', operation });
    expect(sent).toEqual([
      {
        queue: 'poll',
        message: { taskId: id, chain: 1, poll: 0, lookedAtMs: startMs },
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
      async start(request, options) {
        atCall = await stored();
        return provider.start(request, options);
      },
    };
    const { submit, stored } = await setUp(looking);
    await submit();
    expect(atCall?.submission).toMatchObject({ unansweredSinceMs: startMs, leaseUntilMs: startMs + 60_000 });
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

  it('looks a task up after a worker died with it, and adopts what it finds', async () => {
    const { provider, asked } = createScriptedProvider({
      find: [{ status: 'found', operation, state: { status: 'queued' } }],
    });
    const dying: VideoProvider = { ...provider, start: () => Promise.reject(new Error('killed')) };
    const { submit, stored, clock, workerOn, tasks } = await setUp(dying);
    await expect(submit()).rejects.toThrow('killed');
    clock.nowMs += 60_000;
    await workerOn(tasks)(aTask().id);
    expect(asked).toEqual(['find']);
    expect(await stored()).toMatchObject({ status: 'SUBMITTED', operation });
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
    await workerOn(sleepy)(aTask().id);
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('asks a second time only after "not found" a minute after the first create was sent', async () => {
    const notFound = { status: 'not-found' } as const;
    const { provider, asked } = createScriptedProvider({
      start: [unclear, accepted],
      find: [notFound, notFound, notFound, notFound],
    });
    const { submit, stored, clock, sent } = await setUp(provider);
    await submit();
    expect((await stored()).status).toBe('UNKNOWN');
    for (const atSeconds of [5, 15, 30]) {
      expect(sent.at(-1)).toMatchObject({ queue: 'submit' });
      clock.nowMs = startMs + atSeconds * 1_000;
      await submit();
    }
    expect(asked).toEqual(['start', 'find', 'find', 'find']);
    clock.nowMs = startMs + 60_000;
    await submit();
    expect(asked).toEqual(['start', 'find', 'find', 'find', 'find', 'start']);
    expect((await stored()).status).toBe('SUBMITTED');
  });

  it('never asks again when the provider cannot look a task up by our id', async () => {
    const { provider, asked } = createScriptedProvider({ start: [unclear] });
    const { find: _none, ...withoutLookUp } = provider;
    const { submit, stored, clock } = await setUp(withoutLookUp);
    await submit();
    for (const minutes of [1, 10, 60]) {
      clock.nowMs = startMs + minutes * 60_000;
      await submit();
    }
    expect(asked).toEqual(['start']);
    expect((await stored()).status).toBe('UNKNOWN');
    clock.nowMs = startMs + 7_200_000;
    await submit();
    expect(asked).toEqual(['start']);
    expect((await stored()).status).toBe('FAILURE');
  });

  it('finds a create that arrived after the second, although the provider was too busy for that one', async () => {
    const notFound = { status: 'not-found' } as const;
    const { provider, asked } = createScriptedProvider({
      start: [unclear, { status: 'busy', reason: 'full', detail: '1303' }],
      find: [notFound, { status: 'found', operation, state: { status: 'queued' } }],
    });
    const { submit, stored, clock } = await setUp(provider);
    await submit();
    clock.nowMs = startMs + 60_000;
    await submit();
    expect((await stored()).status).toBe('NOT_START');
    clock.nowMs = (await stored()).submission.notBeforeMs;
    await submit();
    expect(asked).toEqual(['start', 'find', 'start', 'find']);
    expect(await stored()).toMatchObject({ status: 'SUBMITTED', operation });
    expect((await stored()).submission).not.toHaveProperty('mayHaveArrived');
  });

  it('finds such a create also while others have the turn', async () => {
    const { provider, asked } = createScriptedProvider({
      find: [{ status: 'found', operation, state: { status: 'queued' } }],
    });
    const place = placeFor(2, startMs, aTask().id);
    const waiting = aTask({ submission: { ...aTask().submission, place, mayHaveArrived: true } });
    const { submit, stored, line } = await setUp(provider, waiting);
    await line.enter(modelLineOf(waiting), placeFor(1, startMs, 'task_before'));
    await submit();
    expect(asked).toEqual(['find']);
    expect(await stored()).toMatchObject({ status: 'SUBMITTED', operation });
    expect((await line.standing(modelLineOf(waiting))).places).toHaveLength(1);
  });

  it('does not create a second time when another worker has moved the task meanwhile', async () => {
    const { provider, asked } = createScriptedProvider({ start: [unclear] });
    const slow: VideoProvider = {
      ...provider,
      async find() {
        await tasks.change(aTask().id, (task) => ({ ...task }));
        return { status: 'not-found' };
      },
    };
    const { submit, clock, tasks } = await setUp(slow);
    await submit();
    clock.nowMs = startMs + 60_000;
    await submit();
    expect(asked).toEqual(['start']);
  });

  it('wakes itself when the provider is busy', async () => {
    const { provider } = createScriptedProvider({
      start: [{ status: 'busy', reason: 'full', detail: '1303' }],
    });
    const { submit, sent, stored, discarded } = await setUp(provider);
    await submit();
    expect(sent).toEqual([{ queue: 'submit', message: { taskId: aTask().id }, delaySeconds: 5 }]);
    expect((await stored()).request).toBeDefined();
    expect(discarded).toEqual([]);
  });

  it.each([
    ['refused by the provider', startMs, 1],
    ['past its deadline', startMs + 7_200_000, 0],
  ])('wakes the delivery of its event when a task is %s', async (_, nowMs, calls) => {
    const { provider, asked } = createScriptedProvider({ start: [{ status: 'refused', reason: 'No.' }] });
    const callback: Task['callback'] = { url: 'https://client.example/hook', events: ['video.failed'] };
    const { submit, sent, stored, clock, discarded } = await setUp(provider, aTask({ callback }));
    clock.nowMs = nowMs;
    await submit();
    expect(asked).toHaveLength(calls);
    expect((await stored()).status).toBe('FAILURE');
    expect(sent).toMatchObject([{ queue: 'deliver' }]);
    expect(discarded).toEqual([aTask().id]);
  });

  it('wakes the poller although the answer to its own write got lost', async () => {
    const { provider } = createScriptedProvider({ start: [accepted] });
    const { tasks, workerOn, sent, stored } = await setUp(provider);
    const losing: TaskStore = {
      ...tasks,
      async change(taskId, decide, seen) {
        if (seen?.submission.leaseUntilMs === undefined) return tasks.change(taskId, decide, seen);
        await tasks.change(taskId, decide, seen);
        return tasks.change(taskId, decide);
      },
    };
    await workerOn(losing)(aTask().id);
    expect((await stored()).status).toBe('SUBMITTED');
    expect(sent).toMatchObject([{ queue: 'poll' }]);
  });
});
