import { runProgram } from './command-line.ts';
import { usageProgram } from './usage-program.ts';

await runProgram(usageProgram);
