import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../lib/aws/table.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { completeVideo, failTask } from '../../lib/tasks/settlement.ts';
import type { RunningVideo, Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import type { CostBook, TaskStore } from '../../lib/tasks/task-store.ts';
import { createLedger, type Ledger } from '../../lib/usage/ledger.ts';
import type { LedgerEntry } from '../../lib/usage/ledger-entry.ts';
import { anImageTask, aRunningTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let ledger: Ledger;
let tasks: TaskStore;
/** Each test has a workspace of its own. */
let workspaceId: string;
let workspaces = 0;

const storeWith = (book: CostBook, table: Table = cloud.table) =>
  createDynamoTaskStore(table, () => startMs, { book });

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = createLedger(cloud.table);
  tasks = storeWith(ledger);
});
afterAll(() => cloud.stop());
beforeEach(() => {
  workspaces += 1;
  workspaceId = `workspace-${workspaces}`;
});

const price = { listMicroUsd: 350_000 };
const url = 'https://cdn.example/video.mp4';
const aRender = async (changes: Partial<RunningVideo> = {}): Promise<string> => {
  const task = aRunningTask({ id: newTaskId(), workspaceId, price, keyName: 'backend', ...changes });
  await tasks.create(task);
  return task.id;
};
const succeed = (task: Task): Task => completeVideo(task as RunningVideo, url, startMs);
const fail = (task: Task): Task | undefined =>
  task.state === 'ended' ? undefined : failTask(task, { code: 'generation_failed', reason: 'No.' }, startMs);

const booked = async (day = '2026-11-22'): Promise<LedgerEntry[]> => {
  const entries: LedgerEntry[] = [];
  for await (const entry of ledger.read(workspaceId, day)) entries.push(entry);
  return entries;
};
const video = { model: 'kling/kling-v2-6', keyName: 'backend', seconds: 5, images: 0, livemode: true };

describe('the ledger', () => {
  it('has one entry of each task that ended, with what it cost', async () => {
    const [made, failed] = [await aRender(), await aRender()];
    await aRender();
    await tasks.change(made, succeed);
    await tasks.change(failed, fail);
    const entries = await booked();
    expect(entries).toHaveLength(2);
    expect(entries).toEqual(
      expect.arrayContaining([
        { ...video, microUsd: 350_000 },
        { ...video, seconds: 0, microUsd: 0 },
      ]),
    );
  });

  it('keeps an entry on the day of acceptance, however late its task ends', async () => {
    const id = await aRender({ createdAtMs: Date.parse('2026-11-21T23:59:59.999Z') });
    await tasks.change(id, succeed);
    expect(await booked('2026-11-21')).toHaveLength(1);
    expect(await booked()).toEqual([]);
  });

  it('books nothing for test keys, whatever price the task shows', async () => {
    const id = await aRender({ livemode: false });
    const { task } = await tasks.change(id, succeed);
    expect(task).toMatchObject({ cost: { microUsd: 350_000 } });
    expect(await booked()).toEqual([{ ...video, livemode: false, microUsd: 0 }]);
  });

  it('says that a cost is unknown rather than 0', async () => {
    await tasks.change(await aRender({ price: { listMicroUsd: null } }), succeed);
    expect(await booked()).toMatchObject([{ microUsd: null }]);
  });

  it('knows images from videos', async () => {
    const task = anImageTask({ id: newTaskId(), workspaceId, keyName: 'backend' });
    await tasks.create(task);
    await tasks.change(task.id, fail);
    expect(await booked()).toEqual([
      { model: 'openai/gpt-image-1', keyName: 'backend', seconds: 0, images: 0, microUsd: 0, livemode: true },
    ]);
  });
});

describe('an end is booked exactly once', () => {
  it('by twenty who end a task at the same moment in different ways', async () => {
    const id = await aRender();
    const endings = Array.from({ length: 20 }, (_, index) =>
      tasks.change(
        id,
        index % 2 === 0 ? fail : (task) => (task.state === 'ended' ? undefined : succeed(task)),
      ),
    );
    expect((await Promise.all(endings)).filter(({ changed }) => changed)).toHaveLength(1);
    const task = await tasks.find(id);
    expect(await booked()).toMatchObject([
      { microUsd: task?.state === 'ended' ? task.cost?.microUsd : undefined },
    ]);
  });

  it('by whoever comes after a crash between the entry and the end', async () => {
    const id = await aRender();
    const crashing = storeWith({
      ...ledger,
      async enter(task) {
        await ledger.enter(task);
        throw new Error('killed');
      },
    });
    await expect(crashing.change(id, succeed)).rejects.toThrow('killed');
    expect(await tasks.find(id)).toMatchObject({ state: 'running' });
    expect(await tasks.change(id, fail)).toMatchObject({ changed: true, task: { state: 'ended' } });
    expect(await booked()).toMatchObject([{ seconds: 0, microUsd: 0 }]);
  });

  it('by the one whose end stands, though the other was slower after its entry', async () => {
    const id = await aRender();
    const slow = storeWith({
      ...ledger,
      async enter(task) {
        const isEntered = await ledger.enter(task);
        await tasks.change(id, fail);
        return isEntered;
      },
    });
    expect(
      await slow.change(id, (task) => (task.state === 'ended' ? undefined : succeed(task))),
    ).toMatchObject({
      changed: false,
      task: { result: { status: 'FAILURE' } },
    });
    expect(await booked()).toMatchObject([{ microUsd: 0 }]);
  });

  it('by the first of two who enter an end of the same version, and the other writes none', async () => {
    const id = await aRender();
    let isOtherEntered: boolean | undefined;
    const first = storeWith({
      ...ledger,
      async enter(task) {
        const isEntered = await ledger.enter(task);
        const [running] = await tasks.findAll([id]);
        const other = running && fail(running);
        if (other?.state === 'ended')
          isOtherEntered = await ledger.enter({ ...other, version: task.version });
        return isEntered;
      },
    });
    expect(await first.change(id, succeed)).toMatchObject({ changed: true });
    expect(isOtherEntered).toBe(false);
    expect(await booked()).toMatchObject([{ microUsd: 350_000 }]);
  });

  it('by nobody where the task goes on after all', async () => {
    const id = await aRender();
    let isFirst = true;
    const overtaken = storeWith({
      ...ledger,
      async enter(task) {
        const isEntered = await ledger.enter(task);
        await tasks.change(id, (current) => ({ ...current, model: 'seen' }));
        return isEntered;
      },
    });
    const { changed } = await overtaken.change(id, (task) => {
      if (!isFirst) return undefined;
      isFirst = false;
      return fail(task);
    });
    expect(changed).toBe(false);
    expect(await booked()).toEqual([]);
  });

  it('where the answers to both writes got lost and the SDK repeated them', async () => {
    const twice: Table = {
      ...cloud.table,
      async put(input) {
        await cloud.table.put(input);
        await cloud.table.put(input);
      },
    };
    const id = await aRender();
    expect(await storeWith(createLedger(twice), twice).change(id, succeed)).toMatchObject({
      changed: true,
      task: { state: 'ended', version: 2 },
    });
    expect(await booked()).toMatchObject([{ microUsd: 350_000 }]);
  });
});
