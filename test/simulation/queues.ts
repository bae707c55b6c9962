import { maxDelaySeconds, maxReceiveCount, queueVisibilitySeconds } from '../../lib/limits.ts';
import { pollMessage, type WakeUps } from '../../lib/tasks/wake-ups.ts';
import { hourMs, secondMs } from '../../lib/time.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker, WorkerEnd } from './workers.ts';

export type QueueName = 'submissions' | 'polls' | 'callbacks';
export type Message = { taskId: string };

export type QueuesOptions = {
  time: VirtualTime;
  random: Randomness;
  isLost(): boolean;
  isCopied(): boolean;
  isLate(): boolean;
  handle(queue: QueueName, message: Message): Promise<WorkerEnd>;
  trace(line: () => string): void;
};

/** SQS at its worst: messages get lost, come twice, late and out of order, and come back when their worker dies. */
export const createQueues = ({ time, random, isLost, isCopied, isLate, handle, trace }: QueuesOptions) => {
  const onTheWay: Record<QueueName, Message[]> = { submissions: [], polls: [], callbacks: [] };

  const deliver = async (queue: QueueName, message: Message, received: number): Promise<void> => {
    const end = await handle(queue, message);
    // A message can come back although it was dealt with: its deletion may have failed.
    if (end === 'done' && !isCopied()) return remove(queue, message);
    if (received >= maxReceiveCount) {
      trace(() => `dead letter ${queue} ${JSON.stringify(message)}`);
      return remove(queue, message);
    }
    time.after(queueVisibilitySeconds(queue) * secondMs, () => void deliver(queue, message, received + 1));
  };

  const remove = (queue: QueueName, message: Message): void => {
    onTheWay[queue].splice(onTheWay[queue].indexOf(message), 1);
  };

  const post = (queue: QueueName, message: Message, delayMs: number): void => {
    const lateMs = isLate() ? random.between(1, 240) * secondMs : random.between(0, 300);
    onTheWay[queue].push(message);
    time.after(delayMs + lateMs, () => void deliver(queue, message, 1));
  };

  const send = (queue: QueueName, message: Message, delaySeconds = 0): void => {
    const delayMs = Math.min(Math.max(0, Math.ceil(delaySeconds)), maxDelaySeconds) * secondMs;
    trace(() => `send ${queue} ${JSON.stringify(message)} in ${delayMs / secondMs} s`);
    if (isLost()) return;
    post(queue, message, delayMs);
    if (isCopied()) post(queue, { ...message }, delayMs + random.between(0, hourMs / 60));
  };

  return {
    wakeUpsOf: (worker: Worker): WakeUps => ({
      sendSubmit: (taskId, delaySeconds) =>
        worker.call('send to submissions', () => send('submissions', { taskId }, delaySeconds)),
      sendMakeImage: () => Promise.reject(new Error('The simulation makes no images.')),
      sendPoll: (message, delaySeconds) =>
        worker.call('send to polls', () => send('polls', pollMessage.parse(message), delaySeconds)),
      sendDeliver: (message, _group, delaySeconds) =>
        worker.call('send to callbacks', () => send('callbacks', message, delaySeconds)),
    }),
    isEmpty: (): boolean => Object.values(onTheWay).every((messages) => messages.length === 0),
    /** Messages of a queue that are not dealt with yet. */
    waiting: (queue: QueueName): readonly Message[] => onTheWay[queue],
  };
};
