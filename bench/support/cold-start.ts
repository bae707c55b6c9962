import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cpuMsOf } from './process-figures.ts';

export type ColdStart = {
  bootCpuMs: number;
  initCpuMs: number;
  firstCpuMs: number;
  firstWallMs: number;
  statusCode: number;
  body: string;
  rssMb: number;
};

type ColdStartOptions = {
  runner: string;
  bundle: string;
  event: object;
  variables: Record<string, string>;
  /** What part of the time the process may run after init; absent: all of it. */
  cpuShare?: number;
};

/** Lambda gives a function CPU time in small periods, by its memory: 1,769 MB are one vCPU. */
const periodMs = 20;
export const cpuShareOf = (memoryMb: number): number => memoryMb / 1_769;

/** Starts a function in a fresh process, hands it one event, and answers what that took. */
export const startCold = async ({ runner, bundle, event, variables, cpuShare = 1 }: ColdStartOptions) => {
  const child = spawn(process.execPath, [runner, bundle, JSON.stringify(event)], {
    env: { PATH: '/usr/bin:/bin', ...variables },
  });
  let faults = '';
  child.stderr.on('data', (chunk) => {
    faults += chunk;
  });
  const said: Record<string, unknown> = {};
  let endThrottle = () => {};
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"bench"')) continue;
    const { bench, ...figures } = JSON.parse(line);
    Object.assign(said, figures);
    if (bench === 'answered') break;
    child.stdin.write('.');
    endThrottle = throttle(child, cpuShare);
  }
  endThrottle();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (said['rssMb'] === undefined) throw new Error(`${bundle} did not answer: ${faults}`);
  return said as ColdStart;
};

/**
 * Lets a process have its share of each period only, as the kernel's quota for a group of processes would; this way
 * needs no rights, but Linux. What it overdraws is taken from the next periods.
 */
const throttle = (child: ChildProcessWithoutNullStreams, share: number): (() => void) => {
  if (share >= 1 || child.pid === undefined) return () => {};
  const { pid } = child;
  const quotaMs = periodMs * share;
  let limitMs = cpuMsOf(pid) + quotaMs;
  let periodEndsAtMs = performance.now() + periodMs;
  let stopped = false;
  const check = () => {
    const usedMs = cpuMsOf(pid);
    if (performance.now() >= periodEndsAtMs) {
      periodEndsAtMs += periodMs;
      // What was not used is lost; what was overdrawn stays.
      limitMs = Math.min(limitMs, usedMs) + quotaMs;
    }
    const mustStop = usedMs >= limitMs;
    if (mustStop !== stopped) child.kill(mustStop ? 'SIGSTOP' : 'SIGCONT');
    stopped = mustStop;
  };
  const timer = setInterval(check, 1);
  return () => {
    clearInterval(timer);
    child.kill('SIGCONT');
  };
};
