import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { GatewayFunction } from './gateway-function.ts';

const nextRun =
  'A run that is missed holds nothing of its own: the next one, a minute later, does the same work.';

type EveryMinuteProps = { target: GatewayFunction };

/** Runs a function each minute. A run that fails is not repeated: the next one does the same work. */
export class EveryMinute extends Construct {
  constructor(scope: Construct, id: string, { target }: EveryMinuteProps) {
    super(scope, id);
    target.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    Validations.of(target).acknowledge({ id: 'Serverless-LambdaAsyncFailureDestination', reason: nextRun });
    const rule = new Rule(this, 'Rule', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(target, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    Validations.of(rule).acknowledge({ id: 'Serverless-EventBusDLQ', reason: nextRun });
  }
}
