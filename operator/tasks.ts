import { runProgram } from './command-line.ts';
import { tasksProgram } from './tasks-program.ts';

await runProgram(tasksProgram);
