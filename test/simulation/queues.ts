import {
  batchingWindowSeconds,
  eventSources,
  maxDelaySeconds,
  maxReceiveCount,
  queueVisibilitySeconds,
} from '../../lib/limits.ts';
import { pollMessage, type WakeUps } from '../../lib/tasks/wake-ups.ts';
import { hourMs, secondMs } from '../../lib/time.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Worker } from './workers.ts';

export type QueueName = 'submissions' | 'polls' | 'callbacks';
export type Message = { taskId: string };
/** `received`: how often, this time included. */
type Received = { message: Message; received: number };

type QueuesOptions = {
  time: VirtualTime;
  random: Randomness;
  isLost(): boolean;
  isCopied(): boolean;
  isLate(): boolean;
  /** Works through a batch, and answers which messages must come back. */
  handle(queue: QueueName, batch: readonly Message[]): Promise<readonly Message[]>;
  trace(line: () => string): void;
};

/** How long an event source takes to fetch what has arrived. */
const maxFetchMs = 300;
/** On a quiet queue a window above 0 ends after 20 s, however short it is, as on Lambda. */
const maxWindowMs = 20 * secondMs;

/**
 * SQS at its worst, and Lambda's event source: messages get lost, come twice, late and out of order, share a batch with others,
 * and come back when their worker dies.
 */
export const createQueues = ({ time, random, isLost, isCopied, isLate, handle, trace }: QueuesOptions) => {
  const onTheWay: Record<QueueName, Message[]> = { submissions: [], polls: [], callbacks: [] };

  const arrived: Record<QueueName, Received[]> = { submissions: [], polls: [], callbacks: [] };

  const arrive = (queue: QueueName, message: Message, received: number): void => {
    arrived[queue].push({ message, received });
    const isFull = arrived[queue].length >= eventSources[queue].batchSize;
    const waitMs = batchingWindowSeconds === 0 || isFull ? maxFetchMs : maxWindowMs;
    time.after(random.between(0, waitMs), () => void fetch(queue));
  };

  const fetch = async (queue: QueueName): Promise<void> => {
    const batch = arrived[queue].splice(0, eventSources[queue].batchSize);
    // An earlier batch may have had room for all.
    if (batch.length === 0) return;
    const messages = batch.map(({ message }) => message);
    const comeBack = await handle(queue, messages);
    for (const { message, received } of batch) settle(queue, message, received, comeBack.includes(message));
  };

  const settle = (queue: QueueName, message: Message, received: number, mustComeBack: boolean): void => {
    // A message can come back although it was dealt with: its deletion may have failed.
    const comesBack = mustComeBack || isCopied();
    if (comesBack && received < maxReceiveCount) {
      time.after(queueVisibilitySeconds(queue) * secondMs, () => arrive(queue, message, received + 1));
      return;
    }
    if (comesBack) trace(() => `dead letter ${queue} ${JSON.stringify(message)}`);
    remove(queue, message);
  };

  const remove = (queue: QueueName, message: Message): void => {
    onTheWay[queue].splice(onTheWay[queue].indexOf(message), 1);
  };

  const post = (queue: QueueName, message: Message, delayMs: number): void => {
    const lateMs = isLate() ? random.between(1, 240) * secondMs : 0;
    onTheWay[queue].push(message);
    time.after(delayMs + lateMs, () => arrive(queue, message, 1));
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
