import { runProgram } from './command-line.ts';
import { redriveProgram } from './redrive-program.ts';

await runProgram(redriveProgram);
