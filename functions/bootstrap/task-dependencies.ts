import { type AwsAccess, accessFromEnvironment } from '../../lib/aws/access.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import type { Queues } from '../../lib/aws/queues.ts';
import { createSqsQueues } from '../../lib/aws/sqs-queues.ts';
import type { Table } from '../../lib/aws/table.ts';
import { type Config, loadConfig } from '../../lib/config.ts';
import type { FunctionName } from '../../lib/limits.ts';
import { canonicalLines } from '../../lib/observability/canonical-line.ts';
import { createLog, type Log, recordLines } from '../../lib/observability/log.ts';
import { measureLines } from '../../lib/observability/metrics.ts';
import type { Task } from '../../lib/tasks/task.ts';
import type { CostBook } from '../../lib/tasks/task-store.ts';
import { createWakeUps, type QueueUrls } from '../../lib/tasks/wake-ups.ts';
import type { Clock } from '../../lib/time.ts';
import { createConnectedTasks } from '../../lib/videos/connected-tasks.ts';

export type Ports = { table: Table; queues: Queues };

export const createPorts = (config: Config, aws: AwsAccess): Ports => ({
  table: createDynamoTable(config.TABLE_NAME, aws),
  queues: createSqsQueues(aws),
});

type AccountsOfTasks = { book: CostBook; settleBudget(task: Task): Promise<void> };

/** For a function that has no right to the ledger and to budgets, since it never ends a task. */
export const endsNoTask = (): AccountsOfTasks => {
  const refuse = ({ id }: Task) => Promise.reject(new Error(`this function must not end a task: ${id}`));
  return { book: { enter: refuse, withdraw: async () => {} }, settleBudget: refuse };
};

/** What each function but the API begins with. */
export const startWorker = <Accounts extends AccountsOfTasks>(
  name: FunctionName,
  openAccounts: (table: Table, now: Clock) => Accounts,
) => {
  const config = loadConfig();
  const aws = accessFromEnvironment();
  const [ports, log] = [createPorts(config, aws), createFunctionLog(config, name)];
  return { config, aws, dependencies: createTaskDependencies(config, ports, log, openAccounts) };
};

/** What every function has: the table, the tasks in it, the queues that wake the others, a clock and a log. */
export const createTaskDependencies = <Accounts extends AccountsOfTasks>(
  config: Config,
  { table, queues }: Ports,
  log: Log,
  openAccounts: (table: Table, now: Clock) => Accounts,
) => {
  const wakeUps = createWakeUps(queues, queueUrls(config));
  const now = Date.now;
  const parts = {
    table,
    ...openAccounts(table, now),
    wakeUps,
    log,
    now,
    random: Math.random,
    dueShards: config.DUE_SHARDS,
  };
  return { queues, ...parts, ...createConnectedTasks(parts) };
};

export const createFunctionLog = (config: Config, functionName: FunctionName): Log => {
  const lines = canonicalLines(recordLines(config.LOG_LEVEL, { function: functionName }));
  const { METRICS_NAMESPACE: namespace } = config;
  return createLog(namespace ? measureLines(lines, namespace, Date.now) : lines);
};

const queueUrls = (config: Config): QueueUrls => ({
  submissions: config.SUBMISSIONS_QUEUE_URL,
  images: config.IMAGES_QUEUE_URL,
  polls: config.POLLS_QUEUE_URL,
  callbacks: config.CALLBACKS_QUEUE_URL,
});
