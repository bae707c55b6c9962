import { accessFromEnvironment } from '../lib/aws/access.ts';
import { loadConfig } from '../lib/config.ts';
import { dueShards } from '../lib/tasks/dynamo-task-store.ts';
import { createSweep } from '../lib/tasks/sweep-tasks.ts';
import { secondMs } from '../lib/time.ts';
import { createFunctionLog, createPorts, createTaskDependencies } from './bootstrap/task-dependencies.ts';

/** Ends before the function's time-out and before the next sweep. */
const budgetMs = 45 * secondMs;

const config = loadConfig();
const log = createFunctionLog(config, 'sweep');
const dependencies = createTaskDependencies(config, createPorts(config, accessFromEnvironment()), log);
const sweep = createSweep({ ...dependencies, dueShards, budgetMs });

export const handler = async (): Promise<void> => sweep();
