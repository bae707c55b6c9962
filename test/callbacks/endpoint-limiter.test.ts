import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createEndpointLimiter,
  type EndpointLimiter,
  type Entry,
} from '../../lib/callbacks/endpoint-limiter.ts';
import type { AttemptOutcome } from '../../lib/callbacks/read-answer.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';

const delivered: AttemptOutcome = { delivered: true, statusCode: 200 };
const timedOut: AttemptOutcome = {
  delivered: false,
  final: false,
  errorClass: 'timeout',
  cause: 'no answer',
};
const notFound: AttemptOutcome = { delivered: false, final: false, errorClass: 'http_4xx', cause: '404' };

let deliveries: Deliveries;
let gate: EndpointLimiter;
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
  gate = anInstance();
});
/** The gate as one more function instance has it. A wait puts the clock forward. */
const anInstance = () =>
  createEndpointLimiter({
    receivers: deliveries.receivers,
    now: deliveries.now,
    random: Math.random,
    wait: async (durationMs) => deliveries.pass(durationMs),
  });

const enter = (changes: Partial<Parameters<EndpointLimiter['enter']>[0]> = {}) =>
  gate.enter({ workspaceId: 'ws_1', origin, trigger: 'auto', deferrals: 0, ...changes });
const enterTimes = async (times: number, changes = {}) => {
  const entries: Entry[] = [];
  for (let entry = 0; entry < times; entry += 1) entries.push(await enter(changes));
  return entries;
};
const admitted = (entries: Entry[]) => entries.filter((entry) => entry.admitted);
const leaveAll = async (entries: Entry[], outcome: AttemptOutcome) => {
  for (const entry of admitted(entries)) await entry.leave(outcome);
};
const attempt = async (outcome: AttemptOutcome, changes = {}) => {
  const entry = await enter(changes);
  if (entry.admitted) await entry.leave(outcome);
  return entry.admitted;
};
const fail = async (times: number) => {
  for (let failure = 0; failure < times; failure += 1) await attempt(timedOut);
};

describe('a receiver', () => {
  it('gets four attempts at once, and the next is put off by seconds', async () => {
    const entries = await enterTimes(5);
    expect(admitted(entries)).toHaveLength(4);
    const putOff = entries[4];
    if (putOff?.admitted !== false) throw new Error('the fifth attempt was admitted');
    expect(putOff.untilMs - deliveries.now()).toBeLessThanOrEqual(5 * secondMs);
    expect(putOff.untilMs - deliveries.now()).toBeGreaterThan(0);
  });

  it('that answers quickly is waited for instead', async () => {
    const entries = await enterTimes(4);
    gate = createEndpointLimiter({
      receivers: deliveries.receivers,
      now: deliveries.now,
      random: Math.random,
      wait: () => leaveAll(entries.splice(0, 1), delivered),
    });
    expect(admitted(await enterTimes(3))).toHaveLength(3);
  });

  it('that does not answer is not waited for', async () => {
    await enterTimes(4);
    deliveries.pass(secondMs);
    let waits = 0;
    gate = createEndpointLimiter({
      receivers: deliveries.receivers,
      now: deliveries.now,
      random: Math.random,
      wait: async () => {
        waits += 1;
      },
    });
    expect(admitted(await enterTimes(3))).toHaveLength(0);
    expect(waits).toBe(0);
  });

  it('does not take the places of others: another workspace, another origin', async () => {
    await enterTimes(5);
    expect(admitted(await enterTimes(1, { workspaceId: 'ws_2' }))).toHaveLength(1);
    expect(admitted(await enterTimes(1, { origin: `${origin}:8443` }))).toHaveLength(1);
  });

  it('gets four at once even when many instances ask at the same moment', async () => {
    const entries = await Promise.all(Array.from({ length: 30 }, () => enter()));
    expect(admitted(entries).length).toBeGreaterThan(0);
    expect(admitted(entries).length).toBeLessThanOrEqual(4);
  });

  it('is asked less and less often while it is full', async () => {
    await enterTimes(4);
    const waits = [0, 3, 6, 50].map(async (deferrals) => {
      const entry = await enter({ deferrals });
      return entry.admitted ? 0 : entry.untilMs - deliveries.now();
    });
    const [first = 0, , late = 0, last = 0] = await Promise.all(waits);
    expect(late).toBeGreaterThan(first);
    expect(last).toBeLessThanOrEqual(5 * minuteMs);
  });

  it('gets the places back that a dead worker held', async () => {
    await enterTimes(4);
    deliveries.pass(30 * secondMs);
    expect(admitted(await enterTimes(5))).toHaveLength(4);
  });

  it('gets more places at once while it answers well and is busy', async () => {
    for (let round = 0; round < 6; round += 1) await leaveAll(await enterTimes(32), delivered);
    gate = anInstance();
    expect(admitted(await enterTimes(40))).toHaveLength(32);
  });

  it('gets two at once after a failure', async () => {
    await fail(1);
    expect(admitted(await enterTimes(5))).toHaveLength(2);
  });

  it('keeps its places when it dislikes single events', async () => {
    for (let failure = 0; failure < 10; failure += 1) await attempt(notFound);
    gate = anInstance();
    expect(admitted(await enterTimes(5))).toHaveLength(4);
  });
});

describe('a receiver that has just answered well', () => {
  const slotsTaken = async () =>
    (await deliveries.receivers.view({ workspaceId: 'ws_1', origin })).takenSlots.length;

  it('is spared the bookkeeping', async () => {
    await attempt(delivered);
    expect(admitted(await enterTimes(8))).toHaveLength(8);
    expect(await slotsTaken()).toBe(0);
  });
  it('is watched again once eight attempts hang, two seconds have passed or one attempt fails', async () => {
    await attempt(delivered);
    const [first] = await enterTimes(9);
    expect(await slotsTaken()).toBe(1);
    deliveries.pass(2 * secondMs);
    await enter();
    expect(await slotsTaken()).toBe(2);
    await leaveAll([first as Entry], timedOut);
    expect(admitted(await enterTimes(5))).toHaveLength(0);
  });
  it('is not trusted by an instance that did not see it', async () => {
    await attempt(delivered);
    gate = anInstance();
    await enter();
    expect(await slotsTaken()).toBe(1);
  });
});

describe('a receiver that failed five times in a row', () => {
  it('is left alone for 30 seconds', async () => {
    await fail(5);
    const entry = await enter();
    if (entry.admitted) throw new Error('an attempt was admitted');
    expect(entry.cause).toContain('failed 5 times in a row');
    expect(entry.untilMs - deliveries.now()).toBeGreaterThan(29 * secondMs);
    expect(entry.untilMs - deliveries.now()).toBeLessThanOrEqual(60 * secondMs);
  });

  it('is left alone by every function instance', async () => {
    await fail(5);
    gate = anInstance();
    expect(admitted(await enterTimes(3))).toHaveLength(0);
  });

  it('is then tried by one attempt at a time', async () => {
    await fail(5);
    deliveries.pass(30 * secondMs);
    expect(admitted(await enterTimes(5))).toHaveLength(1);
  });

  it('is left alone twice as long each time, up to 15 minutes', async () => {
    await fail(5);
    const rests: number[] = [];
    for (let rest = 0; rest < 7; rest += 1) {
      const { health } = await deliveries.receivers.view({ workspaceId: 'ws_1', origin });
      rests.push(Math.round((health.restsUntilMs - deliveries.now()) / secondMs));
      deliveries.pass(health.restsUntilMs - deliveries.now());
      await attempt(timedOut);
    }
    expect(rests).toEqual([30, 60, 120, 240, 480, 900, 900]);
  });

  it('is well again after one success', async () => {
    await fail(5);
    deliveries.pass(30 * secondMs);
    expect(await attempt(delivered)).toBe(true);
    gate = anInstance();
    expect(admitted(await enterTimes(5))).toHaveLength(4);
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
      await enterTimes(4, { workspaceId: `ws_many_${workspace}` });
    expect(admitted(await enterTimes(1, { workspaceId: 'ws_one_more' }))).toHaveLength(0);
  });
});
