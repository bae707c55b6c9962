import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CountName, DurationName } from '../../lib/observability/metrics.ts';
import type { GatewayFunction } from './gateway-function.ts';

/** The metrics of one deployment. */
export type GatewayMetrics = {
  count(name: CountName, period?: Duration): Metric;
  duration(name: DurationName, statistic: string): Metric;
  /** One line for each code that there has been. */
  providerErrorsByCode(): IMetric;
  /** How often the provider is asked about a render until it ends, on average over all of them. */
  pollsPerTask(): IMetric;
};

const defaultPeriod = Duration.minutes(5);

export const gatewayMetrics = (namespace: string): GatewayMetrics => {
  const count: GatewayMetrics['count'] = (metricName, period = defaultPeriod) =>
    new Metric({ namespace, metricName, statistic: Stats.SUM, period });
  return {
    count,
    duration: (metricName, statistic) =>
      new Metric({
        namespace,
        metricName,
        statistic,
        period: defaultPeriod,
        label: `${metricName} ${statistic}`,
      }),
    providerErrorsByCode: () =>
      new MathExpression({
        // Names with other characters than letters and digits, as most stages' are, need the quotes.
        expression: `SEARCH('{"${namespace}",Code} MetricName="${'ProviderErrors' satisfies CountName}"', 'Sum', ${defaultPeriod.toSeconds()})`,
        usingMetrics: {},
        label: '',
        period: defaultPeriod,
      }),
    pollsPerTask: () =>
      new MathExpression({
        expression: 'polls / ended',
        // Polls come before the end that they lead to: over an hour that evens out.
        usingMetrics: {
          polls: count('ProviderPolls', Duration.hours(1)),
          ended: count('RendersEnded', Duration.hours(1)),
        },
        period: Duration.hours(1),
        label: 'polls per task',
      }),
  };
};

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
  return new MathExpression({ expression, usingMetrics, label, period: defaultPeriod });
};
