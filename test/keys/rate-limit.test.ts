import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Table } from '../../lib/aws/table.ts';
import { createRateLimiter, nextBlock, type RateLimiter } from '../../lib/keys/rate-limit.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { createTestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { noonMs } from '../support/keys.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** Some instances of the gateway, with one clock and a count of their writes. */
const instances = (count: number) => {
  const world = { nowMs: noonMs, writes: 0 };
  const update: Table['update'] = (input) => {
    world.writes += 1;
    return cloud.table.update(input);
  };
  const limiters = Array.from({ length: count }, () =>
    createRateLimiter({ table: { ...cloud.table, update }, now: () => world.nowMs }),
  );
  return Object.assign(world, { limiters });
};

const one = () => {
  const world = instances(1);
  const [limiter] = world.limiters as [RateLimiter];
  return { world, limiter };
};

const takeMany = async (limiters: RateLimiter[], requests: number, workspaceId: string, limit: number) => {
  const outcomes = await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      limiters[index % limiters.length]?.take(workspaceId, 'create', limit),
    ),
  );
  return outcomes.filter((outcome) => outcome?.allowed).length;
};

test('one instance allows exactly the limit in a minute', async () => {
  expect(await takeMany(one().world.limiters, 150, 'ws_exact', 100)).toBe(100);
});

test('requests one after another are allowed up to the limit as well', async () => {
  const { limiter } = one();
  const allowed: boolean[] = [];
  for (let request = 0; request < 12; request += 1)
    allowed.push((await limiter.take('ws_serial', 'create', 10)).allowed);
  expect(allowed).toEqual([...Array(10).fill(true), false, false]);
});

test('many instances together never allow more than the limit, and nearly all of it', async () => {
  const allowed = await takeMany(instances(10).limiters, 400, 'ws_many', 200);
  expect(allowed).toBeLessThanOrEqual(200);
  expect(allowed).toBeGreaterThanOrEqual(150);
});

test('a burst over as many instances as the limit is not refused', async () => {
  expect(await takeMany(instances(40).limiters, 40, 'ws_burst', 40)).toBe(40);
});

test('a refusal says how long to wait, and after that time requests pass', async () => {
  const { world, limiter } = one();
  world.nowMs = noonMs + 12_345;
  await limiter.take('ws_wait', 'create', 1);
  const refused = await limiter.take('ws_wait', 'create', 1);
  expect(refused).toEqual({ allowed: false, retryAfterSeconds: 48 });
  world.nowMs += 48 * secondMs;
  expect((await limiter.take('ws_wait', 'create', 1)).allowed).toBe(true);
});

test('nobody is told to wait more than a minute or less than a second', async () => {
  const { world, limiter } = one();
  for (const [atMs, seconds] of [
    [noonMs, 60],
    [noonMs + minuteMs - 1, 1],
  ] as const) {
    world.nowMs = atMs;
    expect(await limiter.take('ws_bounds', 'create', 0)).toEqual({
      allowed: false,
      retryAfterSeconds: seconds,
    });
  }
});

test('workspaces and kinds of request do not use up each other’s permits', async () => {
  const { limiter } = one();
  await limiter.take('ws_a', 'create', 1);
  expect((await limiter.take('ws_a', 'create', 1)).allowed).toBe(false);
  expect((await limiter.take('ws_b', 'create', 1)).allowed).toBe(true);
  expect((await limiter.take('ws_a', 'read', 1)).allowed).toBe(true);
});

test('a permit that is given back can be taken again', async () => {
  const { limiter } = one();
  const outcome = await limiter.take('ws_back', 'create', 1);
  if (outcome.allowed) outcome.giveBack();
  expect((await limiter.take('ws_back', 'create', 1)).allowed).toBe(true);
});

test('a permit given back after its minute does not raise the next minute’s limit', async () => {
  const { world, limiter } = one();
  const outcome = await limiter.take('ws_late', 'create', 1);
  world.nowMs += minuteMs;
  await limiter.take('ws_late', 'create', 1);
  if (outcome.allowed) outcome.giveBack();
  expect((await limiter.take('ws_late', 'create', 1)).allowed).toBe(false);
});

test('a raised limit counts at once', async () => {
  const { limiter } = one();
  await limiter.take('ws_raised', 'create', 1);
  expect((await limiter.take('ws_raised', 'create', 1)).allowed).toBe(false);
  expect((await limiter.take('ws_raised', 'create', 2)).allowed).toBe(true);
});

test('five hundred requests of one instance cost fewer than thirty writes', async () => {
  const { world, limiter } = one();
  for (let request = 0; request < 500; request += 1) await limiter.take('ws_cheap', 'create', 600);
  expect(world.writes).toBeLessThan(30);
});

test('a client that is refused over and over costs no writes', async () => {
  const { world, limiter } = one();
  await takeMany([limiter], 20, 'ws_refused', 5);
  const before = world.writes;
  await takeMany([limiter], 50, 'ws_refused', 5);
  expect(world.writes).toBe(before);
});

test.each([
  { lastBlock: 0, waiting: 1, limit: 600, block: 1 },
  { lastBlock: 4, waiting: 1, limit: 600, block: 8 },
  { lastBlock: 1, waiting: 12, limit: 600, block: 12 },
  { lastBlock: 30, waiting: 200, limit: 600, block: 30 },
  { lastBlock: 1, waiting: 9, limit: 10, block: 1 },
])(
  'with $waiting waiting after a block of $lastBlock, $block permits are reserved',
  ({ block, limit, ...share }) => {
    expect(nextBlock(share, limit)).toBe(block);
  },
);

test('a request counts once although the answer of the write that counted it was lost', async () => {
  const { table, trouble } = createUnreliableTable(cloud.table);
  const api = createTestApi({
    workspace: { rateLimitPerMinute: 2 },
    dependencies: { limiter: createRateLimiter({ table, now: () => noonMs }) },
  });
  trouble({ write: 'update', pk: 'RATE#ws_own#create', how: 'answer lost' });
  const statuses: number[] = [];
  for (let request = 0; request < 3; request += 1)
    statuses.push((await api.submit({ model: 'kling/kling-v2-6', prompt: 'a boat' })).status);
  expect(statuses).toEqual([200, 200, 429]);
});
