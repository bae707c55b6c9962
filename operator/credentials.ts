import { askSecret } from './ask-secret.ts';
import { runProgram } from './command-line.ts';
import { credentialsProgram } from './credentials-program.ts';

await runProgram(credentialsProgram(askSecret));
