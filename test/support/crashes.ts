import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { parseMillionths } from '../../lib/money.ts';
import { dayMs, minuteMs, utcDay } from '../../lib/time.ts';
import { createRandomness } from '../simulation/randomness.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { aGatewayToKill } from './killed-gateway.ts';
import { startReceiver } from './receiver.ts';

type CrashPlan = {
  seed: number;
  tasks: number;
  kills: number;
  /** How long the gateway is left alone between kills, at most. */
  maxPeaceMs: number;
};

/** What became of the tasks, by their ids. */
type CrashReport = {
  taskIds: string[];
  statuses: Map<string, string>;
  /** How often Kling was asked for each, and how often it rendered it. */
  tallies: Map<string, { asked: number; made: number }>;
  /** The ids of the events that arrived for each. */
  eventIds: Map<string, Set<string>>;
  kills: string[];
  /** What the tasks say that they cost, and what the ledger says, in micro-dollars; and how many tasks it knows. */
  money: { ofTasks: number; booked: number; tasks: number };
};

const submitted = z.object({ task_id: z.string() });
const polled = z.object({
  data: z.object({ status: z.string(), usage: z.optional(z.object({ cost_usd: z.string() })) }),
});
const reported = z.object({ data: z.array(z.object({ tasks: z.number() })), total_usd: z.string() });
const delivered = z.object({ id: z.string(), data: z.object({ id: z.string() }) });

const videos = '/v1/video/generations';
const microUsd = (text: string): number => parseMillionths(text) ?? Number.NaN;
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0);

const atOnce = 4;
/** Leases and messages in flight come free a minute after a crash; the clock of the next start is ahead by that. */
const forgottenMs = minuteMs + 1_000;
/** Polls that were lost are missed after three minutes. */
const missedMs = 6 * minuteMs;

/** Kling and the client are outside and live on; the gateway and its data process are killed again and again. */
export const surviveCrashes = async ({ seed, tasks, kills, maxPeaceMs }: CrashPlan): Promise<CrashReport> => {
  const random = createRandomness(seed);
  const startedAtMs = Date.now();
  const { kling, gateway, restart } = await aGatewayToKill(tasks);
  const receiver = await startReceiver();
  onTestFinished(receiver.stop);

  const call = async (
    { url, apiKey }: GatewayProcess,
    path: string,
    init: RequestInit = {},
  ): Promise<unknown> => {
    const answer = await fetch(url + path, {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...init.headers },
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  };

  /** As a careful client does: the same request with the same key, until it is answered with 200. */
  const submit = async (index: number): Promise<string> => {
    const body = JSON.stringify({
      model: 'kling/kling-v2-6',
      prompt: `boat ${index}`,
      callback_url: receiver.url,
    });
    const init = { method: 'POST', body, headers: { 'idempotency-key': `crash-${index}` } };
    for (;;) {
      try {
        return submitted.parse(await call(gateway(), videos, init)).task_id;
      } catch {
        await pause(100);
      }
    }
  };

  const taskIds: string[] = [];
  const submitAll = async () => {
    let next = 0;
    const client = async () => {
      for (let index = next; index < tasks; index = next) {
        next += 1;
        taskIds.push(await submit(index));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, client));
  };

  const killed: string[] = [];
  const killOften = async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(random.between(50, maxPeaceMs));
      const onlyData = random.happens(300);
      killed.push(onlyData ? 'data' : 'all');
      if (onlyData) gateway().killData();
      else await restart(forgottenMs);
    }
  };
  await Promise.all([submitAll(), killOften()]);
  await restart(missedMs);

  const costs = new Map<string, number>();
  const statuses = new Map<string, string>();
  const endOf = async (taskId: string): Promise<void> => {
    for (;;) {
      const { status, usage } = polled.parse(await call(gateway(), `${videos}/${taskId}`)).data;
      statuses.set(taskId, status);
      if (usage !== undefined) costs.set(taskId, microUsd(usage.cost_usd));
      if (status === 'SUCCESS' || status === 'FAILURE') return;
      await pause(500);
    }
  };
  for (const taskId of taskIds) await endOf(taskId);
  // The gateway's clock is ahead.
  const days = new URLSearchParams({ from: utcDay(startedAtMs), to: utcDay(Date.now() + dayMs) });
  const { data, total_usd } = reported.parse(await call(gateway(), `/v1/usage?${days}`));

  const eventIds = new Map<string, Set<string>>();
  for (let seen = 0; eventIds.size < tasks; seen += 1) {
    const { body } = (await receiver.waitFor(seen + 1))[seen] as { body: string };
    const { id, data } = delivered.parse(JSON.parse(body));
    eventIds.set(data.id, (eventIds.get(data.id) ?? new Set()).add(id));
  }
  return {
    taskIds,
    statuses,
    tallies: new Map(taskIds.map((taskId) => [taskId, kling.tally(taskId)])),
    eventIds,
    kills: killed,
    money: {
      ofTasks: sum(costs.values()),
      booked: microUsd(total_usd),
      tasks: sum(data.map((row) => row.tasks)),
    },
  };
};
