import { minuteMs, secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { type Burst, houseIsWell, noTroubles, type SimulationPlan, type Troubles } from './plan.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { CallFate } from './workers.ts';

/** What is going wrong at the moment, by a plan and by chance. */
export const createSituation = (
  { troubles: planned, bursts = [] }: Pick<SimulationPlan, 'troubles' | 'bursts'>,
  time: VirtualTime,
  random: Randomness,
  /** Decides the fate of single calls, by their number, instead of chance. */
  fateOfCall?: (call: number) => CallFate,
) => {
  let calls = 0;
  const endOfTroublesMs = startMs + planned.minutes * minuteMs;
  const troubles = (): Troubles => (time.nowMs() < endOfTroublesMs ? planned : noTroubles);
  const klingIsBackMs = startMs + (planned.klingDownFromMinute + planned.klingDownMinutes) * minuteMs;
  const endsOfBurstsMs = bursts.map(({ fromSecond, seconds }) => startMs + (fromSecond + seconds) * secondMs);
  const isWithin = (from: number, length: number, unitMs: number): boolean => {
    const passed = (time.nowMs() - startMs) / unitMs;
    return passed >= from && passed < from + length;
  };

  return {
    troubles,
    endOfTroublesMs,
    /** Since when Kling has answered, too. */
    endOfOutagesMs: Math.max(endOfTroublesMs, klingIsBackMs, ...endsOfBurstsMs),
    /** A worker that outlives its lease may meet its successor. Then Kling's own refusal of a second create must do. */
    mayFreeze: planned.frozenCall > 0,
    isHouseWell:
      fateOfCall === undefined &&
      Object.entries(houseIsWell).every(([name, none]) => planned[name as keyof Troubles] === none),
    calls: () => calls,
    isKlingDown: () => isWithin(planned.klingDownFromMinute, planned.klingDownMinutes, minuteMs),
    isReceiverDown: () => isWithin(0, planned.receiverDownMinutes, minuteMs),
    burst: (): Burst['reason'] | undefined =>
      bursts.find(({ fromSecond, seconds }) => isWithin(fromSecond, seconds, secondMs))?.reason,
    fateOf(): CallFate {
      calls += 1;
      if (fateOfCall !== undefined) return fateOfCall(calls);
      const { crash, failedCall } = troubles();
      if (random.happens(crash)) return random.happens(500) ? 'dies-before' : 'dies-after';
      if (random.happens(failedCall)) return random.happens(500) ? 'fails-before' : 'fails-after';
      return 'answers';
    },
    latencyMs(): number {
      if (random.happens(troubles().frozenCall)) return random.between(60, 300) * secondMs;
      return random.happens(troubles().slowCall) ? random.between(1_000, 15_000) : random.between(2, 60);
    },
    skewMs(): number {
      const maxMs = troubles().clockSkewSeconds * secondMs;
      return maxMs === 0 ? 0 : random.between(-maxMs, maxMs);
    },
    indexLagMs: () => random.between(0, troubles().indexLagSeconds * secondMs),
  };
};
export type Situation = ReturnType<typeof createSituation>;
