import * as z from 'zod/mini';
import { capPeriods } from '../cap.ts';

export const storedWorkspace = z.object({
  id: z.string(),
  createdAtMs: z.number(),
  /** For ever: `false` for one of test keys, for which the sandbox works. */
  livemode: z._default(z.boolean(), true),
  /** Creating requests per minute; absent: the deployment's setting. */
  rateLimitPerMinute: z.exactOptional(z.number()),
  /** How many of its videos may be with the provider, or on their way there, at once; absent: any number. */
  maxInFlight: z.exactOptional(z.number()),
  /** What it may spend in a day or month; absent: any amount. */
  cap: z.exactOptional(z.object({ microUsd: z.number(), per: z.enum(capPeriods) })),
  /** Where events go when a request names no callback URL. */
  callbackUrl: z.exactOptional(z.string()),
  /** Sent with every callback beside the signed ones; checked when set. */
  callbackHeaders: z.exactOptional(z.record(z.string(), z.string())),
  /** `whsec_…`, newest first. The one before the current still signs until its end. */
  callbackSecret: z.string(),
  /** The latest rotations of it, newest first, so that a repeated request makes none. */
  rotationIds: z.exactOptional(z.array(z.string())),
  previousCallbackSecret: z.exactOptional(z.object({ secret: z.string(), endsAtMs: z.number() })),
});
/** Who calls: everything that all keys of one client share. */
export type Workspace = z.infer<typeof storedWorkspace>;
