import { describe, expect, it } from 'vitest';
import type { StartOutcome } from '../../lib/providers/provider.ts';
import { createLetNextIn } from '../../lib/tasks/let-next-in.ts';
import { modelLineOf, workspaceLineOf } from '../../lib/tasks/line.ts';
import { createLookAfterLines } from '../../lib/tasks/look-after-lines.ts';
import { createReadStanding } from '../../lib/tasks/queue-standing.ts';
import { settle } from '../../lib/tasks/settlement.ts';
import { createSubmitTask } from '../../lib/tasks/submit-task.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aTask, startMs } from '../support/a-task.ts';
import { createMemoryInFlight } from '../support/memory-in-flight.ts';
import { createMemoryLine } from '../support/memory-line.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

const workspaceLine = workspaceLineOf(aTask());
const modelLine = modelLineOf(aTask());
const accepted = (id: string): StartOutcome => ({
  status: 'accepted',
  operation: { action: 'textGenerate', id },
});
const busy: StartOutcome = { status: 'busy', reason: 'full', detail: '1303' };

/** A workspace with a limit and tasks in it; wake-ups are dealt with when the test says so. */
const aWorkspaceOf = async (taskIds: string[], start: StartOutcome[], limit: number | undefined = 1) => {
  const clock = { nowMs: startMs };
  const settings: { limit: number | undefined } = { limit };
  const now = () => clock.nowMs;
  const tasks = createMemoryTaskStore(now);
  const line = createMemoryLine(now);
  const inFlight = createMemoryInFlight();
  const { wakeUps, sent } = createRecordedWakeUps();
  const { provider, starts } = createScriptedProvider({ start });
  for (const id of taskIds) await tasks.create(aTask({ id }));
  const dependencies = { tasks, line, inFlight, wakeUps, now, log: silentLog };
  const submit = createSubmitTask({
    ...dependencies,
    provider,
    maxInFlight: async () => settings.limit,
    pushUrlFor: () => undefined,
    discardInputs: async () => undefined,
    random: () => 0.5,
  });
  const get = async (id: string): Promise<Task> => {
    const task = await tasks.find(id);
    if (task === undefined) throw new Error(`no task ${id}`);
    return task;
  };
  return {
    ...dependencies,
    clock,
    settings,
    sent,
    get,
    started: () => starts.map(({ taskId }) => taskId),
    standing: async (id: string) => createReadStanding(line, now)(await get(id)),
    /** Lets tasks be submitted one after the other. */
    async submit(...ids: string[]) {
      for (const id of ids) {
        await submit(id);
        clock.nowMs += 1;
      }
    },
    /** Deals with all wake-ups of submissions that are due, and with those that they cause. */
    async dealWithWakeUps() {
      for (let next = sent.shift(); next !== undefined; next = sent.shift())
        if (next.queue === 'submit' && next.delaySeconds === 0) await submit(String(next.message['taskId']));
    },
    async end(id: string) {
      const failed = { status: 'FAILURE', failReason: 'No.' } as const;
      const { task } = await tasks.change(id, (current) => settle(current, failed, now()));
      if (task !== undefined) await createLetNextIn(dependencies)(task);
    },
    sweep: createLookAfterLines(dependencies),
  };
};

describe('a workspace that may have one video in flight', () => {
  it('lets the others wait in their order, and tells their place', async () => {
    const { submit, started, get, standing } = await aWorkspaceOf(['one', 'two', 'three'], [accepted('1')]);
    await submit('one', 'two', 'three');
    expect(started()).toEqual(['one']);
    expect(await get('two')).toMatchObject({ status: 'NOT_START', submission: { line: 'workspace' } });
    expect([await standing('two'), await standing('three')]).toEqual([{ position: 1 }, { position: 2 }]);
  });

  it('lets the next one start when one has ended, and says then when the others may', async () => {
    const ids = ['one', 'two', 'three', 'four'];
    const gateway = await aWorkspaceOf(ids, ['1', '2', '3'].map(accepted));
    await gateway.submit(...ids);
    for (const id of ['one', 'two']) {
      gateway.clock.nowMs += 60_000;
      await gateway.end(id);
      await gateway.dealWithWakeUps();
    }
    expect(gateway.started()).toEqual(['one', 'two', 'three']);
    expect(await gateway.standing('four')).toEqual({ position: 1, startMs: gateway.clock.nowMs + 60_000 });
    expect((await gateway.get('three')).submission).toMatchObject({ counted: true });
    expect((await gateway.get('three')).submission).not.toHaveProperty('line');
  });

  it('does not ask the provider however often those that wait are woken', async () => {
    const { submit, started, get } = await aWorkspaceOf(['one', 'two'], [accepted('1')]);
    await submit('one', 'two', 'two', 'two');
    const { version } = await get('two');
    await submit('two');
    expect(started()).toEqual(['one']);
    expect((await get('two')).version).toBe(version);
  });

  it('starts a video whose room came free while it took its place', async () => {
    const gateway = await aWorkspaceOf(['one', 'two'], ['1', '2'].map(accepted));
    await gateway.submit('one');
    const { join } = gateway.line;
    gateway.line.join = async (...place) => {
      await gateway.end('one');
      return join(...place);
    };
    await gateway.submit('two');
    await gateway.dealWithWakeUps();
    expect(gateway.started()).toEqual(['one', 'two']);
  });

  it('keeps the room of a video that waits for a slot of the provider', async () => {
    const { submit, started, get } = await aWorkspaceOf(['one', 'two'], [busy]);
    await submit('one', 'two');
    expect(started()).toEqual(['one']);
    expect((await get('one')).submission).toMatchObject({ counted: true, place: expect.any(String) });
    expect((await get('one')).submission).not.toHaveProperty('line');
    expect(await get('two')).toMatchObject({ submission: { line: 'workspace' } });
  });

  it('waits for the provider behind others only once it has room', async () => {
    const { submit, line, get, end, dealWithWakeUps } = await aWorkspaceOf(['one', 'two'], [accepted('1')]);
    await submit('one', 'two');
    await line.join(modelLine, 'ws_other', 'task_before');
    await end('one');
    await dealWithWakeUps();
    expect((await get('two')).submission).toMatchObject({ counted: true, place: expect.any(String) });
    expect(await line.first(workspaceLine)).toBeUndefined();
    expect((await line.standing(modelLine)).places).toHaveLength(2);
  });

  it('lets the next one start when a video is refused', async () => {
    const refused: StartOutcome = { status: 'refused', reason: 'No.' };
    const gateway = await aWorkspaceOf(['one', 'two'], [refused, accepted('2')]);
    await gateway.submit('one', 'two');
    await gateway.dealWithWakeUps();
    expect(gateway.started()).toEqual(['one', 'two']);
    expect(await gateway.inFlight.list('workspace-1')).toEqual(['two']);
  });

  it('ends whoever is still waiting at its deadline, and says why', async () => {
    const { submit, get, clock, line } = await aWorkspaceOf(['one', 'two'], [accepted('1')]);
    await submit('one', 'two');
    clock.nowMs = startMs + 7_200_000;
    await submit('two');
    expect(await get('two')).toMatchObject({
      status: 'FAILURE',
      failReason: expect.stringContaining("as many of the workspace's videos"),
    });
    expect(await line.first(workspaceLine)).toBeUndefined();
  });
});

describe('a change of the limit', () => {
  it('reaches those that wait when it is raised', async () => {
    const ids = ['one', 'two', 'three'];
    const { submit, settings, sweep, dealWithWakeUps, started } = await aWorkspaceOf(
      ids,
      ['1', '2', '3'].map(accepted),
    );
    await submit(...ids);
    settings.limit = 3;
    await sweep();
    await dealWithWakeUps();
    expect(started()).toEqual(ids);
  });

  it('reaches those that wait when it is taken away', async () => {
    const ids = ['one', 'two', 'three'];
    const { submit, settings, sweep, dealWithWakeUps, started, inFlight } = await aWorkspaceOf(
      ids,
      ['1', '2', '3'].map(accepted),
    );
    await submit(...ids);
    settings.limit = undefined;
    await sweep();
    await dealWithWakeUps();
    expect(started()).toEqual(ids);
    expect(await inFlight.list('workspace-1')).toEqual(['one']);
  });

  it('reaches those that wait for the provider when there was none before', async () => {
    const ids = ['one', 'two', 'three'];
    const { submit, settings, started, get, line } = await aWorkspaceOf(ids, [busy, busy]);
    settings.limit = undefined;
    await submit(...ids);
    settings.limit = 1;
    await submit('one');
    await line.leave(modelLine, (await get('one')).submission.place ?? '');
    await submit('two');
    expect(started()).toEqual(['one', 'one']);
    expect((await get('two')).submission.line).toBe('workspace');
    expect((await get('three')).submission).not.toHaveProperty('line');
    expect(await line.first(modelLine)).toContain('three');
  });
});

describe('after a worker died', () => {
  it('between counting a task and writing that down, the task goes on although others came before it', async () => {
    const { submit, inFlight, started, line } = await aWorkspaceOf(['one'], [accepted('1')]);
    await inFlight.add('workspace-1', 'one', 1);
    await line.join(workspaceLine, 'workspace-1', 'task_before');
    await submit('one');
    expect(started()).toEqual(['one']);
  });

  it('between the end of a task and making room, the sweep makes room for the next', async () => {
    const gateway = await aWorkspaceOf(['one', 'two'], ['1', '2'].map(accepted));
    await gateway.submit('one', 'two');
    const failed = { status: 'FAILURE', failReason: 'No.' } as const;
    await gateway.tasks.change('one', (task) => settle(task, failed, gateway.now()));
    await gateway.sweep();
    await gateway.dealWithWakeUps();
    expect(gateway.started()).toEqual(['one', 'two']);
  });

  it('no room is taken up by a task that ended just before it was counted', async () => {
    const gateway = await aWorkspaceOf(['one'], []);
    const { add } = gateway.inFlight;
    gateway.inFlight.add = async (workspaceId, taskId, most) => {
      await gateway.end(taskId);
      return add(workspaceId, taskId, most);
    };
    await gateway.submit('one');
    expect(gateway.started()).toEqual([]);
    expect(await gateway.inFlight.list('workspace-1')).toEqual([]);
  });
});

it('a workspace without a limit is not counted at all', async () => {
  const { submit, started, inFlight, settings, get } = await aWorkspaceOf(['one'], [accepted('1')]);
  settings.limit = undefined;
  inFlight.add = () => Promise.reject(new Error('counted'));
  inFlight.list = () => Promise.reject(new Error('read'));
  await submit('one');
  expect(started()).toEqual(['one']);
  expect((await get('one')).submission).not.toHaveProperty('counted');
});
