import { Validations } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

type AlarmsProps = {
  /** Who is told. Without it alarms are shown in CloudWatch only. */
  email: string | undefined;
};

/** Goes off at the threshold or above, unless told. */
type RunbookAlarm = Pick<AlarmProps, 'metric' | 'threshold' | 'comparisonOperator' | 'treatMissingData'> & {
  /** Half a sentence: what is going on. */
  meaning: string;
  /** The heading of `docs/runbook.md` that says what to do. */
  runbook: string;
  /** How many periods in a row. One unless told. */
  evaluationPeriods?: number;
};

/** Makes alarms, each of which says what it means and where the runbook helps. */
export class Alarms extends Construct {
  private readonly action: SnsAction | undefined;

  constructor(scope: Construct, id: string, { email }: AlarmsProps) {
    super(scope, id);
    if (email === undefined) return;
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    const subscription = topic.addSubscription(new EmailSubscription(email));
    Validations.of(subscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason:
        'Mail is accepted or refused by the mail server; an alarm that was not sent stays visible in CloudWatch.',
    });
    topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'));
    this.action = new SnsAction(topic);
  }

  add(id: string, { meaning, runbook, evaluationPeriods = 1, ...props }: RunbookAlarm): Alarm {
    const alarm = new Alarm(this, id, {
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
      evaluationPeriods,
      alarmDescription: `${meaning} What to do: docs/runbook.md, "${runbook}".`,
    });
    if (this.action) {
      alarm.addAlarmAction(this.action);
      alarm.addOkAction(this.action);
    }
    return alarm;
  }
}
