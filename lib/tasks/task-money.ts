import * as z from 'zod/mini';

/** The price at acceptance, in micro-dollars; `null`: it is not known. */
export const price = z.object({
  /** Of the whole task by the price list. */
  listMicroUsd: z.nullable(z.int()),
  /** Of the provider's own unit. */
  unitMicroUsd: z.exactOptional(z.int()),
});

/** What the budget of a workspace with a cap keeps free for a task. */
export const reservation = z.object({
  /** Tells it from others that were made for the same task. */
  id: z.string(),
  /** The day or month whose budget it is. */
  periodId: z.string(),
  microUsd: z.int(),
});

/** What a task cost in the end, in micro-dollars; `null`: nobody knows. */
export const cost = z.object({
  microUsd: z.nullable(z.int()),
  /** Who says so. */
  source: z.exactOptional(z.enum(['provider', 'price_list'])),
  /** What the provider charged, in its own units as decimal text. */
  units: z.exactOptional(z.string()),
});

export type TaskPrice = z.infer<typeof price>;
export type TaskCost = z.infer<typeof cost>;
