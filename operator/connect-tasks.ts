import { defaultDueShards } from '../lib/limits.ts';
import { createLog } from '../lib/observability/log.ts';
import { createWakeUps } from '../lib/tasks/wake-ups.ts';
import { openAccounts } from '../lib/usage/accounts.ts';
import { createConnectedTasks } from '../lib/videos/connected-tasks.ts';
import type { Deployment } from './deployment.ts';

/** A command says itself what it did. */
const silentLog = createLog(() => {});

/** A deployment's tasks: what a command changes has the same consequences as what a function changes. */
export const connectTasks = ({ table, queues, queueUrls }: Deployment, nowMs: number) => {
  const wakeUps = createWakeUps(queues, queueUrls);
  const now = () => nowMs;
  const parts = {
    table,
    ...openAccounts(table, now),
    wakeUps,
    now,
    random: Math.random,
    log: silentLog,
    // The sweep reads these however many more there are.
    dueShards: defaultDueShards,
  };
  return { wakeUps, ...createConnectedTasks(parts) };
};
