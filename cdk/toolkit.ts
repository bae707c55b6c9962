import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stageAsContext } from './stage-as-context.ts';

/** `cdk`, for the scripts of package.json. */
const toolkit = fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk'));
const args = stageAsContext(process.argv.slice(2));
const { status } = spawnSync(process.execPath, [toolkit, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
