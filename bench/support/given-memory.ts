import { readSettings } from '../../cdk/settings.ts';
import { type FunctionName, functionMemoryMb } from '../../lib/limits.ts';

/** What the stack gives each function, unless a deployment chooses otherwise. */
export const givenMb: Readonly<Record<FunctionName, number>> = {
  ...functionMemoryMb,
  sweep: readSettings('bench', {}, 'bench').sweepMemoryMb,
};
