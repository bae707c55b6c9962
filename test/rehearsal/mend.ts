import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../operator/deployment.ts';

/** Failures are meant to be put aside within the rehearsal, not within half an hour. */
const visibilitySeconds = 5;
const maxReceiveCount = 5;

const mendQueue = async (client: SQSClient, queueUrl: string, deadLettersUrl: string): Promise<void> => {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount });
  await client.send(
    new SetQueueAttributesCommand({
      QueueUrl: queueUrl,
      Attributes: { RedrivePolicy, VisibilityTimeout: String(visibilitySeconds) },
    }),
  );
};

/** Puts back what MiniStack's CloudFormation drops from the template: redrive policies and the table's TTL. */
export const mend = async (
  { sdk, queueUrls, deadLetterUrls }: Deployment,
  tableName: string,
): Promise<void> => {
  for (const name of ['submissions', 'polls', 'callbacks'] as const)
    await mendQueue(sdk.sqs, queueUrls[name], deadLetterUrls[name]);
  const dynamoDb = new DynamoDBClient();
  await dynamoDb.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
    }),
  );
  dynamoDb.destroy();
};
