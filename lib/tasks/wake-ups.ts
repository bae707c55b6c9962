import * as z from 'zod/mini';
import type { Queues } from '../aws/queues.ts';
import { maxDelaySeconds, type QueueName } from '../limits.ts';
import type { NextStep } from './due.ts';
import type { Task } from './task.ts';

/** To submit a video, or to make the images of a task. */
export const taskMessage = z.object({ taskId: z.string() });
export const pollMessage = z.object({
  taskId: z.string(),
  /** A message of another generation than the task's is stale. */
  generation: z.number(),
  /** How many polls in a row said that there is no such operation. */
  notFound: z._default(z.number(), 0),
  /** When the render was last seen under way, or began; absent where that is unknown. */
  lookedAtMs: z.optional(z.number()),
});
export const deliverMessage = z.object({ taskId: z.string(), eventId: z.string() });

export type PollMessage = z.infer<typeof pollMessage>;
export type DeliverMessage = z.infer<typeof deliverMessage>;

/**
 * Sends the messages that wake the workers. A wake-up is only a hint: it may be lost, and whoever sends one has
 * already written down what is due. Longer delays than SQS has are cut; the sweep covers the rest.
 */
export type WakeUps = {
  sendSubmit(taskId: string, delaySeconds?: number): Promise<void>;
  sendMakeImage(taskId: string, delaySeconds?: number): Promise<void>;
  sendPoll(message: z.input<typeof pollMessage>, delaySeconds?: number): Promise<void>;
  /** `group` keeps a busy workspace's callbacks from delaying another's (SQS fair queues). */
  sendDeliver(message: DeliverMessage, group: string, delaySeconds?: number): Promise<void>;
};

export type QueueUrls = Readonly<Record<QueueName, string>>;

export const createWakeUps = (queues: Queues, queueUrls: QueueUrls): WakeUps => {
  const send = async (queue: QueueName, message: object, delaySeconds = 0, MessageGroupId?: string) => {
    const DelaySeconds = Math.min(Math.max(0, Math.ceil(delaySeconds)), maxDelaySeconds);
    await queues.send({
      QueueUrl: queueUrls[queue],
      MessageBody: JSON.stringify(message),
      DelaySeconds,
      MessageGroupId,
    });
  };
  return {
    sendSubmit: (taskId, delaySeconds) => send('submissions', { taskId }, delaySeconds),
    sendMakeImage: (taskId, delaySeconds) => send('images', { taskId }, delaySeconds),
    sendPoll: (message, delaySeconds) => send('polls', message, delaySeconds),
    sendDeliver: (message, group, delaySeconds) => send('callbacks', message, delaySeconds, group),
  };
};

/** Wakes whoever does the next step of a task, now. */
export const wakeStep = async (wakeUps: WakeUps, task: Task, step: NextStep): Promise<void> => {
  if (step === 'submit') await wakeUps.sendSubmit(task.id);
  if (step === 'make-image') await wakeUps.sendMakeImage(task.id);
  if (step === 'poll' && task.state === 'running')
    await wakeUps.sendPoll({ taskId: task.id, generation: task.pollGeneration });
  if (step === 'deliver' && task.delivery !== undefined)
    await wakeUps.sendDeliver({ taskId: task.id, eventId: task.delivery.eventId }, task.workspaceId);
};
