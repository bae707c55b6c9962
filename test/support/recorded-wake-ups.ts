import type { WakeUps } from '../../lib/tasks/wake-ups.ts';

export type RecordedWakeUp = {
  queue: 'submit' | 'poll' | 'deliver';
  message: Record<string, unknown>;
  delaySeconds: number;
};

/** Queues that only remember what was sent. */
export const createRecordedWakeUps = () => {
  const sent: RecordedWakeUp[] = [];
  const wakeUps: WakeUps = {
    async submit(message, delaySeconds = 0) {
      sent.push({ queue: 'submit', message, delaySeconds });
    },
    async poll(message, delaySeconds = 0) {
      sent.push({ queue: 'poll', message, delaySeconds });
    },
    async deliver(message, _group, delaySeconds = 0) {
      sent.push({ queue: 'deliver', message, delaySeconds });
    },
  };
  return { wakeUps, sent };
};
