import { loadConfig } from '../lib/config.ts';
import { dueShards } from '../lib/tasks/dynamo-task-store.ts';
import { createSweep } from '../lib/tasks/sweep-tasks.ts';
import { secondMs } from '../lib/time.ts';
import { createTaskDependencies } from './task-dependencies.ts';

/** Ends before the function's time-out and before the next sweep. */
const budgetMs = 45 * secondMs;

const sweep = createSweep({ ...createTaskDependencies(loadConfig(), 'sweep'), dueShards, budgetMs });

export const handler = async (): Promise<void> => sweep();
