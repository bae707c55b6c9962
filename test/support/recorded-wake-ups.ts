import type { WakeUps } from '../../lib/tasks/wake-ups.ts';

type RecordedWakeUp = {
  queue: 'submit' | 'make-image' | 'poll' | 'deliver';
  message: Record<string, unknown>;
  delaySeconds: number;
};

/** Queues that only remember what was sent. */
export const createRecordedWakeUps = () => {
  const sent: RecordedWakeUp[] = [];
  const wakeUps: WakeUps = {
    async sendSubmit(taskId, delaySeconds = 0) {
      sent.push({ queue: 'submit', message: { taskId }, delaySeconds });
    },
    async sendMakeImage(taskId, delaySeconds = 0) {
      sent.push({ queue: 'make-image', message: { taskId }, delaySeconds });
    },
    async sendPoll(message, delaySeconds = 0) {
      sent.push({ queue: 'poll', message, delaySeconds });
    },
    async sendDeliver(message, _group, delaySeconds = 0) {
      sent.push({ queue: 'deliver', message, delaySeconds });
    },
  };
  return { wakeUps, sent };
};
