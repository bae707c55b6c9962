import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { memoryMbOf } from './process-figures.ts';
import type { Round, RoundFigures } from './warm-instance.ts';

export type WarmFunction = {
  run(round: Round): Promise<RoundFigures>;
  /** Bytes of log lines that it has written so far, and their number. */
  log: { bytes: number; lines: number };
  /** The most memory that it has had. */
  peakMb(): number;
  stop(): void;
};

/** Keeps one instance of a function alive in a process of its own. */
export const startWarm = async (
  runner: string,
  bundle: string,
  variables: Record<string, string>,
): Promise<WarmFunction> => {
  const child = spawn(process.execPath, [runner, bundle], {
    env: { PATH: '/usr/bin:/bin', ...variables },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const log = { bytes: 0, lines: 0 };
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextSaid = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${bundle} ended before it answered`);
      if (value.startsWith('{"bench"')) return JSON.parse(value);
      log.bytes += Buffer.byteLength(value) + 1;
      log.lines += 1;
    }
  };
  await nextSaid();
  return {
    log,
    run(round) {
      child.stdin.write(`${JSON.stringify(round)}\n`);
      return nextSaid();
    },
    peakMb: () => memoryMbOf(child.pid ?? 0).peakMb,
    stop: () => void child.kill(),
  };
};
