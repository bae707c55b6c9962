import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.ts';
import type { GatewayFunction } from './gateway-function.ts';
import { type GatewayMetrics, sumOver } from './gateway-metrics.ts';

type HealthAlarmsProps = {
  alarms: Alarms;
  metrics: GatewayMetrics;
  api: GatewayFunction;
  sweep: GatewayFunction;
  functions: readonly GatewayFunction[];
  copyResults: boolean;
};

/** A quarter of the time that a task has by default. */
const maxQueueWait = Duration.minutes(30);

/** Tells when the gateway as a whole does not do its work, whatever the reason. */
export class HealthAlarms extends Construct {
  constructor(scope: Construct, id: string, props: HealthAlarmsProps) {
    super(scope, id);
    const { alarms, metrics, api, sweep, functions, copyResults } = props;
    alarms.add('FunctionErrors', {
      meaning: 'Functions fail: they crash, run out of time or memory, or cannot start.',
      runbook: 'Functions fail',
      metric: sumOver(functions, 'Errors', (each) => each.metricErrors()),
      threshold: 5,
    });
    alarms.add('FunctionThrottles', {
      meaning: 'Functions are held back, because the account has no concurrency to spare.',
      runbook: 'Functions are throttled',
      metric: sumOver(functions, 'Throttles', (each) => each.metricThrottles()),
      threshold: 50,
      evaluationPeriods: 2,
    });
    alarms.add('ApiErrors', {
      meaning: 'Clients get 5xx answers.',
      runbook: 'The API answers with errors',
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Url5xxCount',
        dimensionsMap: { FunctionName: api.functionName },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 5,
    });
    alarms.add('MessageFailures', {
      meaning: 'Work fails by a fault of ours and is tried again.',
      runbook: 'Messages fail',
      metric: metrics.count('MessageFailures'),
      threshold: 10,
    });
    alarms.add('SweepStopped', {
      meaning: 'The sweep has not run for five minutes, so lost messages stay lost.',
      runbook: 'The sweep does not run',
      metric: sweep.metricInvocations({ period: Duration.minutes(5) }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarms.add('OverdueTasks', {
      meaning: 'The sweep keeps finding many tasks whose time has come and whom no message woke.',
      runbook: 'Many tasks are overdue',
      metric: metrics.count('OverdueTasks', Duration.minutes(1)),
      threshold: 500,
      evaluationPeriods: 15,
    });
    alarms.add('QueueWait', {
      meaning: 'Somebody has waited for a slot for more than half an hour.',
      runbook: 'Tasks wait too long for a slot',
      metric: metrics.duration('OldestQueueWait', Stats.MAXIMUM),
      threshold: maxQueueWait.toMilliseconds(),
      evaluationPeriods: 2,
    });
    alarms.add('QueueFailures', {
      meaning: 'The sweep cannot repair the queues of those who wait for a slot.',
      runbook: 'The queues are not repaired',
      metric: metrics.count('QueueFailures'),
      threshold: 5,
    });
    alarms.add('ProviderAccountTrouble', {
      meaning:
        'A provider refuses our account: credentials, arrears or a used-up pack. Tasks wait meanwhile.',
      runbook: 'A provider refuses our account',
      metric: metrics.count('ProviderAccountTrouble'),
      threshold: 1,
    });
    alarms.add('TasksFail', {
      meaning: 'More than half of the tasks that ended in a quarter of an hour failed.',
      runbook: 'Many tasks fail',
      metric: new MathExpression({
        expression: 'IF(ended >= 10, 100 * FILL(failed, 0) / ended, 0)',
        usingMetrics: {
          ended: metrics.count('TasksEnded', Duration.minutes(15)),
          failed: metrics.count('TasksFailed', Duration.minutes(15)),
        },
        period: Duration.minutes(15),
        label: 'failed, % of ended',
      }),
      threshold: 50,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
    if (copyResults)
      alarms.add('ResultCopyFailures', {
        meaning: 'Finished videos cannot be copied into the bucket; their tasks wait meanwhile.',
        runbook: 'Results are not copied',
        metric: metrics.count('ResultCopyFailures', Duration.minutes(15)),
        threshold: 10,
      });
    alarms.add('BudgetExhausted', {
      meaning: 'A workspace has used up its spending cap; its requests are refused until the next period.',
      runbook: 'A budget is used up',
      metric: metrics.count('BudgetsExhausted'),
      threshold: 1,
    });
    alarms.add('BookkeepingFailures', {
      meaning:
        'What something cost could not be booked, a budget not be settled, or images not be kept for a repeat.',
      runbook: 'Costs are not booked',
      metric: metrics.count('BookkeepingFailures'),
      threshold: 1,
    });
    alarms.add('EventsUndelivered', {
      meaning:
        'Callbacks were given up: their receivers did not take them for three days, or refused them for good.',
      runbook: 'Callbacks are not delivered',
      metric: metrics.count('EventsUndelivered', Duration.hours(1)),
      threshold: 10,
    });
  }
}
