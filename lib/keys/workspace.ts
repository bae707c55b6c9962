import type { Cap } from '../cap.ts';

/** Who calls: everything that all keys of one client share. */
export type Workspace = {
  id: string;
  createdAtMs: number;
  /** For ever: `false` for one of test keys, for which the sandbox works. */
  livemode: boolean;
  /** Creating requests per minute; absent: the deployment's setting. */
  rateLimitPerMinute?: number;
  /** How many of its videos may be with the provider, or on their way there, at once; absent: any number. */
  maxInFlight?: number;
  /** What it may spend in a day or month; absent: any amount. */
  cap?: Cap;
  /** Where events go when a request names no callback URL. */
  callbackUrl?: string;
  /** Sent with every callback beside the signed ones; checked when set. */
  callbackHeaders?: Record<string, string>;
  /** `whsec_…`, newest first. The one before the current still signs until its end. */
  callbackSecret: string;
  /** The latest rotations of it, newest first, so that a repeated request makes none. */
  rotationIds?: string[];
  previousCallbackSecret?: { secret: string; endsAtMs: number };
};
