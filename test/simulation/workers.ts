import type { Clock } from '../../lib/time.ts';
import type { VirtualTime } from './virtual-time.ts';

export type CallFate = 'answers' | 'dies-before' | 'dies-after' | 'fails-before' | 'fails-after';

/** One run of one function: it has a clock of its own, reaches the world by calls alone, and can die at each. */
export type Worker = {
  readonly name: string;
  readonly now: Clock;
  isAlive(): boolean;
  /** Does `effect` in the world, some time later, and answers some time after that, unless something goes wrong. */
  call<T>(what: string, effect: () => T, answerAfterMs?: () => number): Promise<T>;
};
type WorkerEnd = 'done' | 'failed' | 'died';

class CallFailure extends Error {
  override readonly name = 'CallFailure';
}

type WorkersOptions = {
  time: VirtualTime;
  /** What becomes of a call. Asked once for each. */
  fateOf(what: string): CallFate;
  /** How long a call takes. */
  latencyMs(): number;
  /** How far a worker's clock is ahead. */
  skewMs(): number;
  trace(line: () => string): void;
};

type Workers = {
  /** Runs `work` on a worker of its own, which is killed after `timeoutMs`. */
  run(name: string, timeoutMs: number, work: (worker: Worker) => Promise<void>): Promise<WorkerEnd>;
};

export const createWorkers = (options: WorkersOptions): Workers => {
  const { time, fateOf, latencyMs, skewMs, trace } = options;
  let count = 0;

  const run: Workers['run'] = (label, timeoutMs, work) => {
    count += 1;
    const name = `${label}-${count}`;
    const aheadMs = skewMs();
    let alive = true;
    const ended = Promise.withResolvers<WorkerEnd>();
    const end = (how: WorkerEnd) => {
      if (!alive) return;
      alive = false;
      if (how !== 'done') trace(() => `${name} ${how}`);
      ended.resolve(how);
    };

    const call = <T>(what: string, effect: () => T, answerAfterMs = () => 0): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (!alive) return;
        const fate = fateOf(what);
        const halfMs = Math.ceil(latencyMs() / 2);
        const settle = (then: () => void, moreMs = 0) =>
          time.after(halfMs + moreMs, () => {
            if (alive) then();
          });
        settle(() => {
          trace(() => `${name} ${what}${fate === 'answers' ? '' : ` (${fate})`}`);
          if (fate === 'dies-before') return end('died');
          if (fate === 'fails-before') return settle(() => reject(new CallFailure(what)));
          try {
            const value = effect();
            settle(() => {
              if (fate === 'dies-after') end('died');
              else if (fate === 'fails-after') reject(new CallFailure(what));
              else resolve(value);
            }, answerAfterMs());
          } catch (error) {
            settle(() => reject(error));
          }
        });
      });

    time.after(timeoutMs, () => end('died'));
    work({ name, now: () => time.nowMs() + aheadMs, isAlive: () => alive, call }).then(
      () => end('done'),
      (error: unknown) => {
        trace(() => `${name} threw ${String(error)}`);
        end('failed');
      },
    );
    return ended.promise;
  };
  return { run };
};
