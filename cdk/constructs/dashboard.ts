import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DurationName } from '../../lib/observability/metrics.ts';
import type { GatewayFunction } from './gateway-function.ts';
import { type GatewayMetrics, sumOver } from './gateway-metrics.ts';
import type { WakeUpQueue } from './wake-up-queue.ts';

type DashboardProps = {
  metrics: GatewayMetrics;
  functions: readonly GatewayFunction[];
  queues: readonly WakeUpQueue[];
  copyResults: boolean;
};

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left, right, width: 8, height: 6 });

/** The gateway on one page: what comes in, how it goes on, what waits, what fails. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { metrics, functions, queues, copyResults }: DashboardProps) {
    super(scope, id);
    const percentiles = (name: DurationName) => ['p50', 'p95'].map((each) => metrics.duration(name, each));
    new CloudWatchDashboard(this, 'Dashboard', {
      widgets: [
        [
          graph('Tasks', [
            metrics.count('TasksAccepted'),
            metrics.count('TasksSubmitted'),
            metrics.count('TasksSucceeded'),
            metrics.count('TasksFailed'),
          ]),
          graph('From accept to provider', percentiles('SubmitDelay')),
          graph('From accept to end', percentiles('TaskDuration')),
        ],
        [
          graph('Callbacks', [
            metrics.count('CallbackAttempts'),
            metrics.count('EventsDelivered'),
            metrics.count('EventsUndelivered'),
          ]),
          graph('From event to delivery', percentiles('CallbackDelay')),
          graph('Provider', [
            metrics.count('ProviderSubmissions'),
            metrics.count('ProviderPolls'),
            metrics.count('ProviderAccountTrouble'),
            metrics.count('ImageFailures'),
          ]),
        ],
        [
          graph(
            'Messages waiting',
            queues.map((queue) => queue.metricWaiting()),
          ),
          graph(
            'Messages put aside',
            queues.map((queue) => queue.metricPutAside()),
          ),
          graph('Functions', [
            sumOver(functions, 'Errors', (each) => each.metricErrors()),
            sumOver(functions, 'Throttles', (each) => each.metricThrottles()),
            metrics.count('MessageFailures'),
            metrics.count('MessagesDropped'),
            metrics.count('OverdueTasks'),
            metrics.count('QueueFailures'),
            metrics.count('BookkeepingFailures'),
          ]),
        ],
        [
          graph('Longest wait for a slot', [metrics.duration('OldestQueueWait', Stats.MAXIMUM)]),
          graph('Polls per task', [metrics.pollsPerTask()]),
          graph('Provider errors by code', [metrics.providerErrorsByCode()]),
          ...(copyResults
            ? [
                graph('Copies of results', [
                  metrics.count('ResultsCopied'),
                  metrics.count('ResultCopyFailures'),
                ]),
              ]
            : []),
        ],
      ],
    });
  }
}
