import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createEndpointLimiter,
  type EndpointLimiter,
  type Permit,
} from '../../lib/callbacks/endpoint-limiter.ts';
import type { AttemptOutcome } from '../../lib/callbacks/read-answer.ts';
import { createReceiverStore } from '../../lib/callbacks/receiver-store.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

const delivered: AttemptOutcome = { delivered: true, statusCode: 200 };
const timedOut: AttemptOutcome = {
  delivered: false,
  final: false,
  errorClass: 'timeout',
  cause: 'no answer',
};
const notFound: AttemptOutcome = { delivered: false, final: false, errorClass: 'http_4xx', cause: '404' };

let deliveries: Deliveries;
let limiter: EndpointLimiter;
/** Each test has an origin of its own. */
let origin: string;
let count = 0;
beforeAll(async () => {
  deliveries = await startDeliveries();
});
afterAll(() => deliveries.stop());
beforeEach(() => {
  deliveries.backToNow();
  count += 1;
  origin = `https://hooks-${count}.example.com`;
  limiter = anInstance();
});
/** The limiter of one more function instance. A wait puts the clock forward. */
const anInstance = () =>
  createEndpointLimiter({
    receivers: deliveries.receivers,
    now: deliveries.now,
    random: Math.random,
    wait: async (durationMs) => deliveries.pass(durationMs),
  });

const acquire = (changes: Partial<Parameters<EndpointLimiter['acquire']>[0]> = {}) =>
  limiter.acquire({ workspaceId: 'ws_1', origin, trigger: 'auto', deferrals: 0, ...changes });
const acquireTimes = async (times: number, changes = {}) => {
  const permits: Permit[] = [];
  for (let permit = 0; permit < times; permit += 1) permits.push(await acquire(changes));
  return permits;
};
const admitted = (permits: Permit[]) => permits.filter((permit) => permit.admitted);
const releaseAll = async (permits: Permit[], outcome: AttemptOutcome) => {
  for (const permit of admitted(permits)) await permit.release(outcome);
};
const attempt = async (outcome: AttemptOutcome, changes = {}) => {
  const permit = await acquire(changes);
  if (permit.admitted) await permit.release(outcome);
  return permit.admitted;
};
const fail = async (times: number) => {
  for (let failure = 0; failure < times; failure += 1) await attempt(timedOut);
};

describe('a receiver', () => {
  it('gets four attempts at once, and the next is put off by seconds', async () => {
    const permits = await acquireTimes(5);
    expect(admitted(permits)).toHaveLength(4);
    const putOff = permits[4];
    if (putOff?.admitted !== false) throw new Error('the fifth attempt was admitted');
    expect(putOff.untilMs - deliveries.now()).toBeLessThanOrEqual(5 * secondMs);
    expect(putOff.untilMs - deliveries.now()).toBeGreaterThan(0);
  });

  it('that is tried by one attempt at a time gets it, although the answer of the write of its slot was lost', async () => {
    await fail(5);
    deliveries.pass(2 * minuteMs);
    const { table, trouble } = createUnreliableTable(deliveries.cloud.table);
    const receivers = createReceiverStore(table, deliveries.now);
    limiter = createEndpointLimiter({ receivers, now: deliveries.now, random: Math.random });
    trouble({ write: 'put', pk: 'ORIGIN#', how: 'answer lost' });
    expect((await acquire()).admitted).toBe(true);
    expect((await acquire()).admitted).toBe(false);
  });

  it('that answers quickly is waited for instead', async () => {
    const permits = await acquireTimes(4);
    limiter = createEndpointLimiter({
      receivers: deliveries.receivers,
      now: deliveries.now,
      random: Math.random,
      wait: () => releaseAll(permits.splice(0, 1), delivered),
    });
    expect(admitted(await acquireTimes(3))).toHaveLength(3);
  });

  it('that does not answer is not waited for', async () => {
    await acquireTimes(4);
    deliveries.pass(secondMs);
    let waits = 0;
    limiter = createEndpointLimiter({
      receivers: deliveries.receivers,
      now: deliveries.now,
      random: Math.random,
      wait: async () => {
        waits += 1;
      },
    });
    expect(admitted(await acquireTimes(3))).toHaveLength(0);
    expect(waits).toBe(0);
  });

  it('does not take the slots of others: another workspace, another origin', async () => {
    await acquireTimes(5);
    expect(admitted(await acquireTimes(1, { workspaceId: 'ws_2' }))).toHaveLength(1);
    expect(admitted(await acquireTimes(1, { origin: `${origin}:8443` }))).toHaveLength(1);
  });

  it('gets four at once even when many instances ask at the same moment', async () => {
    const permits = await Promise.all(Array.from({ length: 30 }, () => acquire()));
    expect(admitted(permits).length).toBeGreaterThan(0);
    expect(admitted(permits).length).toBeLessThanOrEqual(4);
  });

  it('is asked less and less often while it is full', async () => {
    await acquireTimes(4);
    const waits = [0, 3, 6, 50].map(async (deferrals) => {
      const permit = await acquire({ deferrals });
      return permit.admitted ? 0 : permit.untilMs - deliveries.now();
    });
    const [first = 0, , late = 0, last = 0] = await Promise.all(waits);
    expect(late).toBeGreaterThan(first);
    expect(last).toBeLessThanOrEqual(5 * minuteMs);
  });

  it('gets the slots back that a dead worker held', async () => {
    await acquireTimes(4);
    deliveries.pass(30 * secondMs);
    expect(admitted(await acquireTimes(5))).toHaveLength(4);
  });

  it('gets more slots while it answers well and is busy', async () => {
    for (let round = 0; round < 6; round += 1) await releaseAll(await acquireTimes(32), delivered);
    limiter = anInstance();
    expect(admitted(await acquireTimes(40))).toHaveLength(32);
  });

  it('gets two at once after a failure', async () => {
    await fail(1);
    expect(admitted(await acquireTimes(5))).toHaveLength(2);
  });

  it('keeps its slots when it dislikes single events', async () => {
    for (let failure = 0; failure < 10; failure += 1) await attempt(notFound);
    limiter = anInstance();
    expect(admitted(await acquireTimes(5))).toHaveLength(4);
  });
});

describe('a receiver that has just answered well', () => {
  const slotsTaken = async () =>
    (await deliveries.receivers.view({ workspaceId: 'ws_1', origin })).takenSlots.length;

  it('is spared the bookkeeping', async () => {
    await attempt(delivered);
    expect(admitted(await acquireTimes(8))).toHaveLength(8);
    expect(await slotsTaken()).toBe(0);
  });
  it('is watched again once eight attempts hang, two seconds have passed or one attempt fails', async () => {
    await attempt(delivered);
    const [first] = await acquireTimes(9);
    expect(await slotsTaken()).toBe(1);
    deliveries.pass(2 * secondMs);
    await acquire();
    expect(await slotsTaken()).toBe(2);
    await releaseAll([first as Permit], timedOut);
    expect(admitted(await acquireTimes(5))).toHaveLength(0);
  });
  it('is not trusted by an instance that did not see it', async () => {
    await attempt(delivered);
    limiter = anInstance();
    await acquire();
    expect(await slotsTaken()).toBe(1);
  });
});

describe('a receiver that failed five times in a row', () => {
  it('is left alone for 30 seconds', async () => {
    await fail(5);
    const permit = await acquire();
    if (permit.admitted) throw new Error('an attempt was admitted');
    expect(permit.cause).toContain('failed 5 times in a row');
    expect(permit.untilMs - deliveries.now()).toBeGreaterThan(29 * secondMs);
    expect(permit.untilMs - deliveries.now()).toBeLessThanOrEqual(60 * secondMs);
  });

  it('is left alone by every function instance', async () => {
    await fail(5);
    limiter = anInstance();
    expect(admitted(await acquireTimes(3))).toHaveLength(0);
  });

  it('is then tried by one attempt at a time', async () => {
    await fail(5);
    deliveries.pass(30 * secondMs);
    expect(admitted(await acquireTimes(5))).toHaveLength(1);
  });

  it('is left alone twice as long each time, up to 15 minutes', async () => {
    await fail(5);
    const openSeconds: number[] = [];
    for (let opening = 0; opening < 7; opening += 1) {
      const { health } = await deliveries.receivers.view({ workspaceId: 'ws_1', origin });
      openSeconds.push(Math.round((health.openUntilMs - deliveries.now()) / secondMs));
      deliveries.pass(health.openUntilMs - deliveries.now());
      await attempt(timedOut);
    }
    expect(openSeconds).toEqual([30, 60, 120, 240, 480, 900, 900]);
  });

  it('is well again after one success', async () => {
    await fail(5);
    deliveries.pass(30 * secondMs);
    expect(await attempt(delivered)).toBe(true);
    limiter = anInstance();
    expect(admitted(await acquireTimes(5))).toHaveLength(4);
  });

  it('still gets what its owner asks for', async () => {
    await fail(5);
    expect(await attempt(delivered, { trigger: 'manual' })).toBe(true);
    expect(await attempt(delivered)).toBe(true);
  });
});

describe('an origin', () => {
  it('gets at most 256 attempts at once from all workspaces together', async () => {
    for (let workspace = 0; workspace < 64; workspace += 1)
      await acquireTimes(4, { workspaceId: `ws_many_${workspace}` });
    expect(admitted(await acquireTimes(1, { workspaceId: 'ws_one_more' }))).toHaveLength(0);
  });
});
