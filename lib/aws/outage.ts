import * as z from 'zod/mini';

/** What every error of AWS's SDK has; `$fault` is absent where no answer came. */
const sdkError = z.object({
  name: z.string(),
  $fault: z.optional(z.string()),
  $metadata: z.object({ httpStatusCode: z.optional(z.number()) }),
});

const throttled = /Throttl|ThroughputExceeded|RequestLimitExceeded|SlowDown/;

/** Whether AWS did not answer, or not now, after all attempts: nobody's fault, and worth another try later. */
export const isOutage = (error: unknown): boolean => {
  const parsed = sdkError.safeParse(error);
  if (!parsed.success) return false;
  const { name, $fault, $metadata } = parsed.data;
  return throttled.test(name) || $fault !== 'client' || ($metadata.httpStatusCode ?? 0) >= 500;
};
