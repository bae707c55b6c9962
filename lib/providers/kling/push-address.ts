import { createHmac, timingSafeEqual } from 'node:crypto';

const token = (taskId: string, signingKey: string): string =>
  createHmac('sha256', signingKey).update(`kling-push:${taskId}`).digest('base64url').slice(0, 32);

/** Where Kling may push news of one task: unguessable, and different for every task. */
export const klingPushUrl = (publicUrl: string, taskId: string, signingKey: string): string =>
  `${publicUrl}/hooks/kling/${taskId}/${token(taskId, signingKey)}`;

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Kling takes public https addresses; a fake on this machine reaches whatever runs beside it. */
export const canKlingPushTo = (publicUrl: string, klingBaseUrl: string): boolean =>
  publicUrl.startsWith('https:') || loopbackHosts.has(new URL(klingBaseUrl).hostname);

export const isKlingPushToken = (given: string, taskId: string, signingKey: string): boolean => {
  const expected = Buffer.from(token(taskId, signingKey));
  const received = Buffer.from(given);
  return received.length === expected.length && timingSafeEqual(received, expected);
};
