import { Duration, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  batchingWindowSeconds,
  eventSources,
  maxReceiveCount,
  type QueueName,
  visibilityTimeoutSeconds,
} from '../../lib/limits.ts';
import type { Alarms } from './alarms.ts';
import type { GatewayFunction } from './gateway-function.ts';

type WakeUpQueueProps = {
  /** The time-out of the function that the queue wakes. */
  functionTimeoutSeconds: number;
  alarms: Alarms;
};

type Feed = {
  from: QueueName;
  /** How many batches may be worked on at once. */
  maxConcurrency: number;
  /** How long messages are collected for a batch; not at all unless said. */
  windowSeconds?: number;
};

/** A queue of task ids that wake one function, with its dead letters and the alarms that watch both. */
export class WakeUpQueue extends Construct {
  private readonly queue: Queue;
  private readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { functionTimeoutSeconds, alarms }: WakeUpQueueProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This is the queue of dead letters itself.',
    });
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds(functionTimeoutSeconds)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    alarms.add(`${id}DeadLetters`, {
      meaning: `Messages of the ${id} queue failed ${maxReceiveCount} times and were put aside.`,
      runbook: 'Messages in a dead-letter queue',
      metric: this.metricPutAside(),
      threshold: 1,
    });
    alarms.add(`${id}OldestMessage`, {
      meaning: `Messages of the ${id} queue have been waiting for more than ten minutes.`,
      runbook: 'Messages wait too long',
      metric: this.queue.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      threshold: 600,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 5,
    });
  }

  get url(): string {
    return this.queue.queueUrl;
  }

  get deadLettersUrl(): string {
    return this.deadLetters.queueUrl;
  }

  metricWaiting(): Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      label: this.node.id,
    });
  }

  metricPutAside(): Metric {
    return this.deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: Stats.MAXIMUM,
      label: this.node.id,
    });
  }

  grantWake(grantee: IGrantable): void {
    this.queue.grant(grantee, 'sqs:SendMessage');
  }

  /** Lets the queue wake a function, which names the messages of a batch that failed and may wake itself again. */
  wakes(
    target: GatewayFunction,
    { from, maxConcurrency, windowSeconds = batchingWindowSeconds }: Feed,
  ): void {
    // What Lambda asks for, and no more; CDK's own grant has two further rights.
    this.queue.grant(target, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');
    target.addEventSourceMapping(this.node.id, {
      eventSourceArn: this.queue.queueArn,
      batchSize: eventSources[from].batchSize,
      maxBatchingWindow: Duration.seconds(windowSeconds),
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    target.allowRecursiveLoop();
    Validations.of(target).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'SQS event sources have no such destination; the queue has dead letters.',
    });
  }
}
