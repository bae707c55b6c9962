import { minuteMs, secondMs } from '../lib/time.ts';
import { createWorld, type TaskPlan } from '../test/queue/world.ts';
import { print } from './support/print.ts';
import { printTable } from './support/table.ts';

export const about = 'what the provider gets after it has once found a create too fast, in virtual time (P7)';

const createMs = 800;
const takenPerSecond = 10;
const refusalAtMs = 10 * secondMs;
const offeredForMs = minuteMs;
const shownMs = 10 * secondMs;
const workspaces = 3;

/** A bucket that fills at the provider's rate, and one refusal out of turn. */
const createRateLimit = () => {
  let tokens = takenPerSecond;
  let filledAtMs = 0;
  let hasRefused = false;
  return (nowMs: number): boolean => {
    tokens = Math.min(takenPerSecond, tokens + ((nowMs - filledAtMs) / secondMs) * takenPerSecond);
    filledAtMs = nowMs;
    if (!hasRefused && nowMs >= refusalAtMs) {
      hasRefused = true;
      return true;
    }
    if (tokens < 1) return true;
    tokens -= 1;
    return false;
  };
};

const play = async (offeredPerSecond: number): Promise<void> => {
  const count = (offeredPerSecond * offeredForMs) / secondMs;
  const tasks = Array.from(
    { length: count },
    (_, index): TaskPlan => ({
      id: `task_${index}`,
      workspaceId: `ws_${index % workspaces}`,
      model: 'kling/v3',
      createdAtMs: Math.round((index * secondMs) / offeredPerSecond),
      renderMs: 2 * minuteMs,
    }),
  );
  const world = createWorld({
    seed: 1,
    tasks,
    limits: {},
    slots: count,
    createMs,
    isTooFast: createRateLimit(),
    deathsPerMille: 0,
    lostMessagesPerMille: 0,
    troublesEndAtMs: 0,
  });
  await world.runUntil(
    () =>
      world.tasks().length === count && world.tasks().every(({ startedAtMs }) => startedAtMs !== undefined),
    10 * minuteMs,
  );
  const rows = Array.from({ length: Math.ceil(world.nowMs() / shownMs) }, (_, index) => {
    const isIn = (atMs: number) => Math.floor(atMs / shownMs) === index;
    const creates = world.creates().filter(({ atMs }) => isIn(atMs));
    const accepted = creates.filter(({ outcome }) => outcome === 'accepted').length;
    return [
      `${(index * shownMs) / secondMs} s`,
      tasks.filter(({ createdAtMs }) => isIn(createdAtMs)).length,
      accepted,
      creates.length - accepted,
    ];
  });
  printTable(`${offeredPerSecond} videos a second offered`, ['from', 'offered', 'accepted', 'refused'], rows);
};

export default async (): Promise<void> => {
  print(
    `Creates of ${createMs} ms to a provider that takes ${takenPerSecond} a second and refuses one more after ${refusalAtMs / secondMs} s.`,
  );
  for (const offered of [4, 9, 20]) await play(offered);
};
