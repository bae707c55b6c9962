import { isPublicAddress } from '../public-host.ts';
import type { Clock } from '../time.ts';
import { createDnsResolve, resolveLocally } from './resolve.ts';
import { createSendCallback } from './send-callback.ts';
import { createSendEvent, type SendEvent } from './send-event.ts';

/** The sender as it is deployed: `allowPrivate` only on a developer's machine, where receivers are at home. */
export const createEventSender = ({ allowPrivate, now }: { allowPrivate: boolean; now: Clock }): SendEvent =>
  createSendEvent({
    now,
    send: createSendCallback({
      now,
      resolve: allowPrivate ? resolveLocally : createDnsResolve(),
      isAllowedAddress: allowPrivate ? () => true : isPublicAddress,
    }),
  });
