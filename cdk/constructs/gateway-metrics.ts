import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { GatewayFunction } from './gateway-function.ts';

/** The names that `lib/metrics.ts` gives to what it counts and measures. */
export type CountName =
  | 'TasksAccepted'
  | 'TasksSubmitted'
  | 'TasksEnded'
  | 'TasksSucceeded'
  | 'TasksFailed'
  | 'ProviderSubmissions'
  | 'ProviderPolls'
  | 'ProviderAccountTrouble'
  | 'ImageFailures'
  | 'CallbackAttempts'
  | 'EventsDelivered'
  | 'EventsUndelivered'
  | 'OverdueTasks'
  | 'MessageFailures'
  | 'MessagesDropped';
export type DurationName = 'SubmitDelay' | 'TaskDuration' | 'CallbackDelay';

/** The metrics of one deployment. */
export type GatewayMetrics = {
  count(name: CountName, period?: Duration): Metric;
  duration(name: DurationName, statistic: string, period?: Duration): Metric;
};

const usualPeriod = Duration.minutes(5);

export const gatewayMetrics = (namespace: string): GatewayMetrics => ({
  count: (metricName, period = usualPeriod) =>
    new Metric({ namespace, metricName, statistic: Stats.SUM, period }),
  duration: (metricName, statistic, period = usualPeriod) =>
    new Metric({ namespace, metricName, statistic, period, label: `${metricName} ${statistic}` }),
});

/** One figure for all functions together. */
export const sumOver = (
  functions: readonly GatewayFunction[],
  label: string,
  metricOf: (each: GatewayFunction) => IMetric,
): MathExpression => {
  const usingMetrics = Object.fromEntries(
    functions.map((each, index) => [`${label.toLowerCase()}${index}`, metricOf(each)]),
  );
  const expression = `SUM([${Object.keys(usingMetrics).join(', ')}])`;
  return new MathExpression({ expression, usingMetrics, label, period: usualPeriod });
};
