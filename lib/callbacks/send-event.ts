import type { Workspace } from '../keys/workspace.ts';
import { type Clock, toEpochSeconds } from '../time.ts';
import type { CallbackEvent } from './event.ts';
import type { SendCallback, SendResult } from './send-callback.ts';
import { signatureHeader, signingSecrets } from './signature.ts';

type EventAddress = {
  url: string;
  workspace: Workspace;
  /** Told to the receiver, unsigned, for its logs. */
  taskId?: string;
  attempt?: number;
};

/** Signs an event as of now and sends it. The one way in which anything reaches a receiver. */
export type SendEvent = (event: CallbackEvent, address: EventAddress) => Promise<SendResult>;

export const createSendEvent =
  ({ send, now }: { send: SendCallback; now: Clock }): SendEvent =>
  ({ id, body }, { url, workspace, taskId, attempt }) => {
    const nowMs = now();
    const timestampSeconds = toEpochSeconds(nowMs);
    return send({
      url,
      body,
      headers: {
        ...workspace.callbackHeaders,
        accept: '*/*',
        'content-type': 'application/json',
        'content-length': String(body.length),
        'user-agent': 'ClearMaas-Webhooks/1.0',
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signatureHeader(
          { id, timestampSeconds, body },
          signingSecrets(workspace, nowMs),
        ),
        ...(attempt !== undefined && { 'webhook-attempt': String(attempt) }),
        ...(taskId !== undefined && { 'webhook-task-id': taskId }),
      },
    });
  };
