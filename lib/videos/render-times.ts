import { unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import type { Log } from '../observability/log.ts';
import { createRecentCache } from '../recent-cache.ts';
import type { Task } from '../tasks/task.ts';
import { type Clock, minuteMs } from '../time.ts';
import type { ExpectedRender } from './poll-schedule.ts';
import { expectedRender, learn, observe, type RenderTime, storedRenderTime } from './render-time.ts';

/**
 * How long renders take, learned from those that ended. One small item for each kind; the catalogue says how many kinds
 * there are. It is a hint: where it cannot be read or written, the catalogue's figure serves.
 */
export type RenderTimes = {
  /** What to expect. Known for some minutes without a read. */
  expect(kind: string, catalogueSeconds: number): Promise<ExpectedRender>;
  /** Learns from a task that has ended since the provider was last asked: from each at first, later from some. */
  learnFrom(task: Task, lookedAtMs: number): Promise<void>;
};

type RenderTimesDependencies = {
  table: Table;
  now: Clock;
  random: () => number;
  log: Log;
};

const knownForMs = 5 * minuteMs;
const maxKnown = 1_000;
/** After so many samples of a kind, only some of its renders are looked at. */
const samplesToKnow = 100;
const shareOnceKnown = 0.1;

const keyOf = (kind: string) => ({ pk: `RENDER#${kind}`, sk: 'RENDER' });

export const createRenderTimes = (dependencies: RenderTimesDependencies): RenderTimes => {
  const { table, now, random, log } = dependencies;
  const known = createRecentCache<{ time: RenderTime | undefined }>({
    maxAgeMs: knownForMs,
    maxEntries: maxKnown,
    now,
  });

  const read = async (kind: string): Promise<RenderTime | undefined> => {
    const readAtMs = now();
    const { Item } = await table.get({ Key: keyOf(kind) });
    const time = Item && storedRenderTime.parse(Item);
    known.put(kind, { time }, readAtMs);
    return time;
  };

  const recall = async (kind: string): Promise<RenderTime | undefined> => {
    const recalled = known.get(kind);
    return recalled ? recalled.time : read(kind);
  };

  /** Of two that learn at once one is lost, which does no harm. */
  const store = async (kind: string, time: RenderTime, before: RenderTime | undefined): Promise<void> => {
    await unlessConditionFailed(
      table.put({
        Item: { ...keyOf(kind), ...time },
        ConditionExpression: before === undefined ? 'attribute_not_exists(pk)' : 'samples = :before',
        ExpressionAttributeValues: before && { ':before': before.samples },
      }),
    );
  };

  const isWorthALook = (samples: number): boolean => samples < samplesToKnow || random() < shareOnceKnown;

  return {
    async expect(kind, catalogueSeconds) {
      try {
        return expectedRender(await recall(kind), catalogueSeconds);
      } catch (error) {
        log.event('render-times.unread', { kind, error });
        return { typicalSeconds: catalogueSeconds };
      }
    },

    async learnFrom(task, lookedAtMs) {
      const renderKind = task.kind === 'video' ? task.renderKind : undefined;
      const observation = observe(task, lookedAtMs);
      if (renderKind === undefined || observation === undefined) return;
      try {
        if (!isWorthALook((await recall(renderKind))?.samples ?? 0)) return;
        const before = await read(renderKind);
        await store(renderKind, learn(before, task.typicalSeconds, observation), before);
      } catch (error) {
        log.event('render-times.not-learned', { taskId: task.id, error });
      }
    },
  };
};
