type QueueMessage = {
  QueueUrl: string;
  MessageBody: string;
  DelaySeconds?: number;
  MessageGroupId?: string | undefined;
};

/** What sends messages to SQS; its event source hands them out. */
export type Queues = { send(message: QueueMessage): Promise<void> };
