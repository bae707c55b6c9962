import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { createWorld, type TaskPlan, type World, type WorldPlan } from './world.ts';

const aWorld = (plan: Partial<WorldPlan> & Pick<WorldPlan, 'tasks'>): World =>
  createWorld({
    seed: 1,
    limits: {},
    slots: 1_000,
    createMs: 800,
    deathsPerMille: 0,
    lostMessagesPerMille: 0,
    troublesEndAtMs: 0,
    ...plan,
  });
const aTask = (id: string, more: Partial<TaskPlan> = {}): TaskPlan => ({
  id,
  workspaceId: 'ws_a',
  model: 'kling/v3',
  createdAtMs: 0,
  renderMs: 30 * secondMs,
  ...more,
});
const tasksOf = (count: number, more: (index: number) => Partial<TaskPlan>): TaskPlan[] =>
  Array.from({ length: count }, (_, index) => aTask(`t${String(index).padStart(4, '0')}`, more(index)));

const hasEnded = (world: World) => () =>
  world.tasks().length > 0 && world.tasks().every(({ state }) => state === 'ended');

/** The longest that somebody waited at one go while the provider and its own workspace had room for it. */
const watchFreeWays = (world: World, plan: Pick<WorldPlan, 'slots' | 'troublesEndAtMs'>) => {
  const freeSinceMs = new Map<string, number>();
  const watched = { maxMs: 0 };
  const isFree = (task: TaskPlan): boolean =>
    world.renderingOf(task.model) < plan.slots && world.hasRoom(task) && !world.isAsked(task.model);
  return {
    watched,
    onStep: () => {
      for (const { plan: task, state } of world.tasks()) {
        if (state === 'ended' || state === 'running' || task.isPoison || !isFree(task))
          freeSinceMs.delete(task.id);
        else if (!freeSinceMs.has(task.id)) freeSinceMs.set(task.id, world.nowMs());
      }
      for (const sinceMs of freeSinceMs.values())
        watched.maxMs = Math.max(watched.maxMs, world.nowMs() - Math.max(sinceMs, plan.troublesEndAtMs));
    },
  };
};

const plans = fc.record({
  seed: fc.nat(),
  slots: fc.integer({ min: 1, max: 6 }),
  createMs: fc.integer({ min: 50, max: 2_000 }),
  deathsPerMille: fc.constantFrom(0, 5, 20),
  lostMessagesPerMille: fc.constantFrom(0, 20, 100),
  limits: fc.record(
    { ws_a: fc.integer({ min: 1, max: 4 }), ws_b: fc.integer({ min: 1, max: 4 }) },
    { requiredKeys: [] },
  ),
  tasks: fc.array(
    fc.record(
      {
        workspaceId: fc.constantFrom('ws_a', 'ws_b', 'ws_c'),
        model: fc.constantFrom('kling/v2', 'kling/v3'),
        createdAtMs: fc.integer({ min: 0, max: 60_000 }),
        renderMs: fc.integer({ min: 1_000, max: 40_000 }),
        cancelAfterMs: fc.integer({ min: 0, max: 60_000 }),
      },
      { requiredKeys: ['workspaceId', 'model', 'createdAtMs', 'renderMs'] },
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
});
const numberOfRuns = 60;

test('whatever dies or gets lost, no limit is exceeded, nobody waits for a free way, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ tasks, limits, ...rest }) => {
      const isSound = rest.deathsPerMille === 0 && rest.lostMessagesPerMille === 0;
      const plan: WorldPlan = {
        ...rest,
        limits: { ...limits },
        tasks: tasks.map((task, index) => aTask(`t${index}`, task)),
        troublesEndAtMs: isSound ? 0 : 5 * minuteMs,
      };
      const world = createWorld(plan);
      const { watched, onStep } = watchFreeWays(world, plan);
      const ended = hasEnded(world);
      const isOver = () => world.nowMs() > 61_000 && ended();
      await world.runUntil(isOver, 60 * minuteMs, onStep);
      expect(isOver()).toBe(true);
      expect(world.problems()).toEqual([]);
      // Without troubles an end is enough, or the first retry of whoever is first, after 5 s; with them, what they left behind is cleared each minute.
      expect(watched.maxMs).toBeLessThan(isSound ? 8 * secondMs : 3 * minuteMs);
      const overAtMs = world.nowMs();
      await world.runUntil(() => false, overAtMs + 5 * minuteMs);
      const { items } = world.table;
      expect(items().filter(({ pk }) => !String(pk).startsWith('SLOTS#'))).toEqual([]);
      if (isSound) expect(items()).toEqual([]);
    }),
    { numRuns: numberOfRuns },
  );
});

test('one refusal for asking too fast costs seconds, not the day', async () => {
  const tasks = tasksOf(240, (index) => ({ createdAtMs: index * 250, workspaceId: `ws_${index % 3}` }));
  let isRefused = false;
  const world = aWorld({
    tasks,
    isTooFast: (nowMs) => {
      if (isRefused || nowMs < 10_000) return false;
      isRefused = true;
      return true;
    },
  });
  await world.runUntil(hasEnded(world), 5 * minuteMs);
  const acceptedWithin = (fromMs: number) =>
    world
      .creates()
      .filter(({ atMs, outcome }) => outcome === 'accepted' && atMs >= fromMs && atMs < fromMs + 10_000)
      .length;
  expect(acceptedWithin(10_000)).toBeGreaterThanOrEqual(35);
  expect(acceptedWithin(20_000)).toBeGreaterThanOrEqual(39);
  const waitedMs = world.tasks().map(({ plan, startedAtMs = Infinity }) => startedAtMs - plan.createdAtMs);
  expect(Math.max(...waitedMs) - Math.min(...waitedMs)).toBeLessThan(5 * secondMs);
});

test('under a steady load of twice what the provider takes, it gets nine tenths of what it takes', async () => {
  const tasks = tasksOf(1_000, (index) => ({ createdAtMs: index * 50, workspaceId: `ws_${index % 3}` }));
  const bucket = { tokens: 10, atMs: 0 };
  const world = aWorld({
    tasks,
    isTooFast: (nowMs) => {
      bucket.tokens = Math.min(10, bucket.tokens + (nowMs - bucket.atMs) / 100);
      bucket.atMs = nowMs;
      if (bucket.tokens < 1) return true;
      bucket.tokens -= 1;
      return false;
    },
  });
  await world.runUntil(() => world.nowMs() > 70_000, 2 * minuteMs);
  const accepted = world.creates().filter(({ atMs, outcome }) => outcome === 'accepted' && atMs >= 30_000);
  expect(accepted.length / 40).toBeGreaterThanOrEqual(9);
});

test('a task that the provider never takes holds nobody up', async () => {
  const tasks = tasksOf(60, (index) => ({
    isPoison: index === 0,
    createdAtMs: index * 100,
    renderMs: 20_000,
    ...(index === 0 && { cancelAfterMs: 20 * minuteMs }),
  }));
  const world = aWorld({ tasks, slots: 5 });
  await world.runUntil(
    () => world.tasks().filter(({ state }) => state === 'ended').length === 59,
    19 * minuteMs,
  );
  // Five at once, twenty seconds each: four minutes, and what it takes to find out about the first.
  expect(world.nowMs()).toBeLessThan(7 * minuteMs);
  expect(world.creates().filter(({ taskId }) => taskId === 't0000').length).toBeLessThan(80);
});

test('a workspace is served in the order of its tasks', async () => {
  const tasks = tasksOf(12, (index) => ({ createdAtMs: index * 500, renderMs: 5_000 }));
  const world = aWorld({ tasks, limits: { ws_a: 2 } });
  await world.runUntil(hasEnded(world), 10 * minuteMs);
  const order = world.creates().map(({ taskId }) => taskId);
  expect(order).toEqual(tasks.map(({ id }) => id));
});

test('hundreds of waiting tasks of one workspace hold up another by a few', async () => {
  const crowd = tasksOf(300, () => ({ renderMs: 10_000 }));
  const others = tasksOf(3, () => ({ workspaceId: 'ws_b', createdAtMs: minuteMs, renderMs: 10_000 })).map(
    (task, index) => ({ ...task, id: `other${index}` }),
  );
  const world = aWorld({ tasks: [...crowd, ...others], slots: 5 });
  await world.runUntil(
    () =>
      world.tasks().filter(({ plan, state }) => plan.workspaceId === 'ws_b' && state === 'ended').length ===
      3,
    20 * minuteMs,
  );
  expect(world.nowMs()).toBeLessThan(2 * minuteMs);
});
