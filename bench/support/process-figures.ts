import { readdirSync, readFileSync } from 'node:fs';
import { sum } from './statistics.ts';

/** What all threads of a process have run, by the scheduler's own count (Linux); 0 once it has ended. */
export const cpuMsOf = (pid: number): number => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return sum(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
};

/** Resident memory now, and the most that it has been. */
export const memoryMbOf = (pid: number): { nowMb: number; peakMb: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  return { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
};
