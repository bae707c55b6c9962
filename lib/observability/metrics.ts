import type { Clock } from '../time.ts';
import type { EventName, FieldsOf } from './events.ts';
import type { LogFields, WriteLine } from './log.ts';

/** What it is also counted by, beside the total. Each value makes a metric of its own, so they must be few. */
type Dimensions = Partial<Record<'Model' | 'Status' | 'Outcome' | 'Code', string>>;
type Sources<Answer> = { [Name in EventName]?: (fields: FieldsOf<Name>) => Answer };
/** A metric that no event feeds does not compile. */
type Fed<From> = keyof From extends never ? never : From;

type Counted = boolean | Dimensions;
const countOf = <From extends Sources<Counted>>(from: Fed<From>): Sources<Counted> => from;
const durationOf = <From extends Sources<number>>(from: Fed<From>): Sources<number> => from;

const always = () => true;

const troubles: readonly string[] = ['busy', 'refused', 'operator-fault', 'unclear', 'unanswered'];
const errorCode = (outcome: string, code = 'none'): Counted => troubles.includes(outcome) && { Code: code };
const isAccountTrouble = (outcome: string): boolean => outcome === 'operator-fault';

export const counts = {
  TasksAccepted: countOf({ 'task.accepted': ({ model }) => ({ Model: model }) }),
  TasksSubmitted: countOf({ 'task.submitted': ({ model }) => ({ Model: model }) }),
  TasksEnded: countOf({ 'task.ended': ({ model, status }) => ({ Model: model, Status: status }) }),
  RendersEnded: countOf({ 'task.ended': ({ rendered }) => rendered }),
  TasksSucceeded: countOf({ 'task.ended': ({ status }) => status === 'SUCCESS' }),
  TasksFailed: countOf({ 'task.ended': ({ status }) => status === 'FAILURE' }),
  ProviderSubmissions: countOf({ 'video.handed-over': ({ status }) => ({ Outcome: status }) }),
  ProviderPolls: countOf({ 'video.polled': ({ outcome }) => ({ Outcome: outcome }) }),
  ProviderErrors: countOf({
    'video.handed-over': ({ status, code }) => errorCode(status, code),
    'video.looked-up': ({ status, code }) => errorCode(status, code),
    'video.polled': ({ outcome, code }) => errorCode(outcome, code),
  }),
  ProviderAccountTrouble: countOf({
    'video.handed-over': ({ status }) => isAccountTrouble(status),
    'video.looked-up': ({ status }) => isAccountTrouble(status),
    'video.polled': ({ outcome }) => isAccountTrouble(outcome),
    'images.not-made': ({ outcome }) => isAccountTrouble(outcome),
  }),
  ImageFailures: countOf({ 'images.not-made': ({ outcome }) => ({ Outcome: outcome }) }),
  ResultsCopied: countOf({ 'video.copied': always }),
  ResultCopyFailures: countOf({ 'video.not-copied': always }),
  CallbackAttempts: countOf({
    'callback.attempted': ({ delivered, errorClass = 'other' }) => ({
      Outcome: delivered ? 'delivered' : errorClass,
    }),
  }),
  EventsDelivered: countOf({ 'callback.delivered': always }),
  EventsUndelivered: countOf({ 'callback.undelivered': always }),
  BudgetsExhausted: countOf({ 'budget.threshold-reached': ({ percent }) => percent >= 100 }),
  BookkeepingFailures: countOf({
    'usage.not-booked': always,
    'images.not-kept': always,
    'budget.not-settled': always,
    'budget.not-reconciled': always,
    'budgets.unread': always,
  }),
  OverdueTasks: countOf({ 'sweep.woke': always }),
  QueueFailures: countOf({
    'queue.not-reconciled': always,
    'queues.unread': always,
  }),
  MessageFailures: countOf({ 'message.failed': always }),
  MessagesDropped: countOf({ 'message.dropped': always }),
};

export const durations = {
  SubmitDelay: durationOf({ 'task.submitted': ({ delayMs }) => delayMs }),
  TaskDuration: durationOf({ 'task.ended': ({ durationMs }) => durationMs }),
  CallbackDelay: durationOf({ 'callback.delivered': ({ delayMs }) => delayMs }),
  /** Of all that wait for a slot, each minute; 0 where nobody does. */
  OldestQueueWait: durationOf({ 'queues.reconciled': ({ oldestWaitMs }) => oldestWaitMs }),
};

export type CountName = keyof typeof counts;
export type DurationName = keyof typeof durations;

type Measurement = { name: string; value: number; unit: 'Count' | 'Milliseconds'; by?: Dimensions };

type Answers<Answer> = (fields: LogFields) => Answer;
/** Which metrics an event feeds. The lists above hold that each is asked with the fields of its own event. */
const feedsOf = <Answer>(
  metrics: Record<string, Sources<Answer>>,
  event: string,
): [string, Answers<Answer>][] =>
  Object.entries(metrics).flatMap(([name, sources]) => {
    const source = (sources as Partial<Record<string, Answers<Answer>>>)[event];
    return source === undefined ? [] : [[name, source]];
  });

const measure = (event: string, fields: LogFields): Measurement[] => [
  ...feedsOf<Counted>(counts, event).flatMap(([name, read]): Measurement[] => {
    const counted = read(fields);
    if (counted === false) return [];
    return [{ name, value: 1, unit: 'Count', ...(counted !== true && { by: counted }) }];
  }),
  ...feedsOf<number>(durations, event).map(
    ([name, read]): Measurement => ({ name, value: read(fields), unit: 'Milliseconds' }),
  ),
];

/**
 * The fields that let CloudWatch read metrics out of a log line: its embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
const metricFields = (namespace: string, measurements: readonly Measurement[], nowMs: number): LogFields => ({
  _aws: {
    Timestamp: nowMs,
    CloudWatchMetrics: byDimensions(
      measurements.map(({ name, unit, by }) => ({
        Namespace: namespace,
        Dimensions: [[], ...(by ? [Object.keys(by)] : [])],
        Metrics: [{ Name: name, Unit: unit }],
      })),
    ),
  },
  ...Object.fromEntries(measurements.map(({ name, value }) => [name, value])),
  ...Object.assign({}, ...measurements.map(({ by }) => by)),
});

/** Makes lines metrics as well, where they tell something that is counted. What test keys make is not. */
export const measureLines =
  (write: WriteLine, namespace: string, now: Clock): WriteLine =>
  (line) => {
    const measurements = line.fields['livemode'] === false ? [] : measure(line.event, line.fields);
    if (measurements.length === 0) return write(line);
    write({ ...line, fields: { ...line.fields, ...metricFields(namespace, measurements, now()) } });
  };

type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] };
type Directives = { Timestamp: number; CloudWatchMetrics: Directive[] };

/** One directive for all metrics with the same dimensions: each byte of a line is paid for. */
const byDimensions = (directives: readonly Directive[]): Directive[] => {
  const merged = new Map<string, Directive>();
  for (const { Namespace, Dimensions, Metrics } of directives) {
    const key = JSON.stringify([Namespace, Dimensions]);
    const before = merged.get(key)?.Metrics ?? [];
    merged.set(key, { Namespace, Dimensions, Metrics: [...before, ...Metrics] });
  }
  return [...merged.values()];
};

const measured = ({ CloudWatchMetrics }: Directives): string[] =>
  CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));

/** The `_aws` of two lines that become one; `undefined` where both measure the same, of which a line holds one value. */
export const mergeMetrics = (one: unknown, other: unknown): LogFields | undefined => {
  if (one === undefined || other === undefined) {
    const only = one ?? other;
    return only === undefined ? {} : { _aws: only };
  }
  const [first, second] = [one as Directives, other as Directives];
  const names = measured(first);
  if (measured(second).some((name) => names.includes(name))) return undefined;
  const CloudWatchMetrics = byDimensions([...first.CloudWatchMetrics, ...second.CloudWatchMetrics]);
  return { _aws: { ...first, CloudWatchMetrics } };
};
