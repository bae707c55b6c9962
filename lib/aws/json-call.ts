import { secondMs } from '../time.ts';
import type { AwsAccess, AwsService } from './access.ts';
import { AwsError } from './aws-error.ts';
import { callAws } from './call.ts';

type JsonService = Exclude<AwsService, 's3'>;
const protocols: Record<JsonService, { target: string; version: string }> = {
  dynamodb: { target: 'DynamoDB_20120810', version: '1.0' },
  sqs: { target: 'AmazonSQS', version: '1.0' },
  secretsmanager: { target: 'secretsmanager', version: '1.1' },
};

const deadlineMs = 5 * secondMs;

/** Asks a service that speaks JSON. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
export const callJson = async <Output>(
  access: AwsAccess,
  service: JsonService,
  operation: string,
  input: object,
): Promise<Output> => {
  const { target, version } = protocols[service];
  const body = JSON.stringify(input);
  const { body: answer } = await callAws(access, {
    service,
    operation,
    method: 'POST',
    path: '/',
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`,
    },
    body,
    deadlineMs,
  });
  try {
    return (answer.length === 0 ? {} : JSON.parse(answer.toString())) as Output;
  } catch (cause) {
    throw new AwsError('it is no JSON', {
      operation: `${service} ${operation}`,
      code: 'UnreadableAnswer',
      cause,
    });
  }
};
