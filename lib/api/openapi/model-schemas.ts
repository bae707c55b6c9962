import * as z from 'zod/mini';
import { pricedUnits } from '../../providers/prices.ts';
import { UsdAmount } from './usage-schemas.ts';

const note = z.describe;
const text = z.string();
const whole = z.int();

export const Model = z.object({
  id: text,
  object: z.literal('model'),
  created: whole,
  owned_by: text,
  supported_endpoint_types: z.array(text),
  shutdown_date: z.nullable(text.check(note('YYYY-MM-DD.'))),
  successor: z.nullable(text.check(note('Serves the model’s requests after that day.'))),
  parameters: z.optional(
    z
      .record(z.string(), z.object({ enum: z.optional(z.array(z.union([text, z.number()]))) }))
      .check(
        note(
          'Fields of a request that differ by model: a field that stands here for another model of the kind and not for this one is not taken. enum: its values.',
        ),
      ),
  ),
  pricing: z.nullable(
    z
      .object({
        currency: z.literal('USD'),
        source: text,
        as_of: text.check(note('YYYY-MM-DD.')),
        rates: z.array(
          z.object({
            per: z.enum(pricedUnits),
            usd: UsdAmount,
            when: z.record(text, text).check(note('For requests like this; of several, the first.')),
          }),
        ),
      })
      .check(note('null where no price is known.')),
  ),
  livemode: z.boolean().check(note('false for a test key: the sandbox stands in for it.')),
});
export const ModelList = z.object({ object: z.literal('list'), data: z.array(Model) });
