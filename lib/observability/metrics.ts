import type { Clock } from '../time.ts';
import type { Log, LogFields, LogLevel } from './log.ts';

type Unit = 'Count' | 'Milliseconds';
type Measurement = {
  name: string;
  value: number;
  unit: Unit;
  /** What it is also counted by, beside the total. Each value makes a metric of its own, so they must be few. */
  by?: Record<string, unknown>;
};

const count = (name: string, by?: Record<string, unknown>): Measurement => ({
  name,
  value: 1,
  unit: 'Count',
  ...(by && { by }),
});
const duration = (name: string, value: unknown): Measurement => ({
  name,
  value: Number(value),
  unit: 'Milliseconds',
});

const accountTrouble = (outcome: unknown): Measurement[] =>
  outcome === 'operator-fault' ? [count('ProviderAccountTrouble')] : [];

const troubles: readonly unknown[] = ['busy', 'refused', 'operator-fault', 'unclear', 'unanswered'];
const providerErrors = (outcome: unknown, code: unknown = 'none'): Measurement[] =>
  troubles.includes(outcome) ? [count('ProviderErrors', { Code: code })] : [];

/** What is measured, by the log line that says it. */
const measurementsOf: Record<string, (fields: LogFields) => Measurement[]> = {
  'task accepted': ({ model }) => [count('TasksAccepted', { Model: model })],
  'task submitted': ({ model, delayMs }) => [
    count('TasksSubmitted', { Model: model }),
    duration('SubmitDelay', delayMs),
  ],
  'task ended': ({ model, status, durationMs, rendered }) => [
    count('TasksEnded', { Model: model, Status: status }),
    ...(rendered === true ? [count('RendersEnded')] : []),
    count(status === 'SUCCESS' ? 'TasksSucceeded' : 'TasksFailed'),
    duration('TaskDuration', durationMs),
  ],
  'task handed to the provider': ({ status, code }) => [
    count('ProviderSubmissions', { Outcome: status }),
    ...providerErrors(status, code),
    ...accountTrouble(status),
  ],
  'unanswered submission looked up': ({ status, code }) => providerErrors(status, code),
  'provider asked': ({ outcome, code }) => [
    count('ProviderPolls', { Outcome: outcome }),
    ...providerErrors(outcome, code),
  ],
  'result copied': () => [count('ResultsCopied')],
  'result not copied': () => [count('ResultCopyFailures')],
  'images were not made': ({ outcome }) => [
    count('ImageFailures', { Outcome: outcome }),
    ...accountTrouble(outcome),
  ],
  'attempt made': ({ delivered, errorClass }) => [
    count('CallbackAttempts', { Outcome: delivered === true ? 'delivered' : errorClass }),
  ],
  'event delivered': ({ delayMs }) => [count('EventsDelivered'), duration('CallbackDelay', delayMs)],
  'event undelivered': () => [count('EventsUndelivered')],
  'woke what was overdue': () => [count('OverdueTasks')],
  'message failed and will come back': () => [count('MessageFailures')],
  'message dropped: it cannot be read': () => [count('MessagesDropped')],
};

const usable = ({ value, by = {} }: Measurement): boolean =>
  Number.isFinite(value) && Object.values(by).every((dimension) => typeof dimension === 'string');

/**
 * The fields that let CloudWatch read metrics out of a log line: its embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export const metricFields = (
  namespace: string,
  message: string,
  fields: LogFields,
  nowMs: number,
): LogFields => {
  const measurements = (measurementsOf[message]?.(fields) ?? []).filter(usable);
  if (measurements.length === 0) return {};
  return {
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: measurements.map(({ name, unit, by }) => ({
        Namespace: namespace,
        Dimensions: [[], ...(by ? [Object.keys(by)] : [])],
        Metrics: [{ Name: name, Unit: unit }],
      })),
    },
    ...Object.fromEntries(measurements.map(({ name, value }) => [name, value])),
    ...Object.assign({}, ...measurements.map(({ by }) => by)),
  };
};

type Directives = { Timestamp: number; CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
const measured = ({ CloudWatchMetrics }: Directives): string[] =>
  CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));

/** The `_aws` of two lines that become one; `undefined` where both measure the same, of which a line holds one value. */
export const joinMetrics = (one: unknown, other: unknown): LogFields | undefined => {
  if (one === undefined || other === undefined) {
    const only = one ?? other;
    return only === undefined ? {} : { _aws: only };
  }
  const [first, second] = [one as Directives, other as Directives];
  const names = measured(first);
  if (measured(second).some((name) => names.includes(name))) return undefined;
  const CloudWatchMetrics = [...first.CloudWatchMetrics, ...second.CloudWatchMetrics];
  return { _aws: { ...first, CloudWatchMetrics } };
};

/** A log whose lines are metrics as well, where they say something that is counted. */
export const withMetrics = (log: Log, namespace: string, now: Clock): Log => {
  const at =
    (level: LogLevel): Log[LogLevel] =>
    (message, fields = {}) =>
      log[level](message, { ...fields, ...metricFields(namespace, message, fields, now()) });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
