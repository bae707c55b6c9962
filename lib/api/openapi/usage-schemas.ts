import * as z from 'zod/mini';
import { usageGroups } from '../routes/get-usage.ts';

const note = z.describe;
const text = z.string();
const whole = z.int();

export const livemode = z.boolean().check(note('false where the sandbox makes it, for a test key.'));
export const warnings = z.optional(
  z.array(text).check(note('What was asked for and is not done, or only roughly, in sentences.')),
);
export const UsdAmount = text.check(z.regex(/^\d+(\.\d{1,6})?$/), note('US dollars, as decimal text.'));

/** What one task came to. */
export const Usage = z.object({
  seconds: z.optional(z.number().check(note('Of video that was made.'))),
  images: z.optional(whole.check(note('How many were made.'))),
  provider_units: z.nullable(text.check(note('What the provider charged, in its own units.'))),
  cost_usd: z.nullable(UsdAmount),
  source: z.nullable(z.enum(['provider', 'price_list'])),
  livemode,
});

const EstimatePart = z.object({
  what: text,
  quantity: z.number(),
  unit: text,
  unit_usd: UsdAmount,
  cost_usd: UsdAmount,
});
export const Estimate = z.object({
  object: z.literal('estimate'),
  model: text,
  livemode,
  cost_usd: z.nullable(UsdAmount.check(note('null: it cannot be told before.'))),
  parts: z.array(EstimatePart),
  reason: z.optional(text.check(note('Why it cannot be told.'))),
  warnings,
});

const UsageRow = z.object({
  key: text.check(note('The day, the model’s id or the key’s name, as group_by says.')),
  tasks: whole,
  seconds: z.number().check(note('Of video that was made.')),
  images: whole.check(note('How many were made.')),
  cost_usd: UsdAmount,
  unpriced_tasks: whole.check(note('How many of the tasks have no known cost, which cost_usd leaves out.')),
  livemode,
});
export const UsageReport = z.object({
  object: z.literal('usage'),
  from: text,
  to: text,
  group_by: z.enum(usageGroups),
  data: z.array(UsageRow),
  total_usd: UsdAmount,
});
