import * as z from 'zod/mini';
import type { Queues } from '../aws/queues.ts';
import type { Task } from './task.ts';

/** SQS delays a message by at most this; longer waits are started by the sweep. */
export const longestDelaySeconds = 900;

export const submitMessage = z.object({
  taskId: z.string(),
  /** Whose work it is; absent: a video. */
  kind: z.exactOptional(z.literal('image')),
});
export const pollMessage = z.object({
  taskId: z.string(),
  /** The chain that this poll belongs to; absent on a push, which is one extra look outside the chain. */
  chain: z.optional(z.number()),
  /** A push that was put off to this time. */
  arrangedForMs: z.optional(z.number()),
  /** A push that may tell of an end: should the provider not say so yet, it is asked once more. */
  mayTellEnd: z.optional(z.literal(true)),
  /** How many polls of the chain came before. */
  poll: z._default(z.number(), 0),
  /** How many of them in a row said that there is no such operation. */
  notFound: z._default(z.number(), 0),
  /** When the render was last seen under way, or began; unknown to a chain that the sweep has started. */
  lookedAtMs: z.optional(z.number()),
});
export const deliverMessage = z.object({
  taskId: z.string(),
  eventId: z.string(),
});

export type SubmitMessage = z.infer<typeof submitMessage>;
export type PollMessage = z.infer<typeof pollMessage>;
export type DeliverMessage = z.infer<typeof deliverMessage>;

/**
 * Sends the messages that wake the workers. A wake-up is only a hint: it may be lost, and whoever sends one has
 * already written down what is due. Longer delays than SQS has are cut; the sweep covers the rest.
 */
export type WakeUps = {
  submit(message: SubmitMessage, delaySeconds?: number): Promise<void>;
  poll(message: z.input<typeof pollMessage>, delaySeconds?: number): Promise<void>;
  /** `group` keeps a busy workspace's callbacks from delaying another's (SQS fair queues). */
  deliver(message: DeliverMessage, group: string, delaySeconds?: number): Promise<void>;
};

export const submitMessageFor = ({ id, kind }: Pick<Task, 'id' | 'kind'>): SubmitMessage => ({
  taskId: id,
  ...(kind !== undefined && { kind }),
});

export type QueueUrls = { submissions: string; polls: string; callbacks: string };

export const createWakeUps = (queues: Queues, queueUrls: QueueUrls): WakeUps => {
  const send = async (QueueUrl: string, message: object, delaySeconds = 0, MessageGroupId?: string) => {
    const DelaySeconds = Math.min(Math.max(0, Math.ceil(delaySeconds)), longestDelaySeconds);
    await queues.send({ QueueUrl, MessageBody: JSON.stringify(message), DelaySeconds, MessageGroupId });
  };
  return {
    submit: (message, delaySeconds) => send(queueUrls.submissions, message, delaySeconds),
    poll: (message, delaySeconds) => send(queueUrls.polls, message, delaySeconds),
    deliver: (message, group, delaySeconds) => send(queueUrls.callbacks, message, delaySeconds, group),
  };
};
