import { invalidRequest } from '../errors.ts';
import { formatUsd } from '../money.ts';
import { type Part, totalMicroUsd } from '../usage/cost.ts';
import type { Estimate } from '../usage/estimate.ts';
import type { ApiContext } from './context.ts';
import { readQuery } from './read-query.ts';

/** Every value but `false` counts, none as well, so that a mistyped one never orders anything. */
export const mayAskForEstimate = (c: Pick<ApiContext, 'req'>): boolean =>
  (c.req.queries('estimate') ?? []).some((value) => value !== 'false');

/**
 * Whether a request is not to be carried out but only to be priced.
 *
 * @throws ApiError 400 for any other parameter: ignored, a mistyped `estimate` would order what it asks the price of.
 */
export const wantsEstimate = (c: ApiContext): boolean => {
  const { estimate = c.req.query('estimate') ?? 'false' } = readQuery(c, ['estimate']);
  if (estimate === 'true' || estimate === 'false') return estimate === 'true';
  throw invalidRequest([{ param: 'estimate', message: 'must be true or false.' }]);
};

/** `warnings`: those that carrying it out would come with, as far as they are known before. */
export const answerEstimate = (
  c: ApiContext,
  estimate: Estimate,
  { model, warnings }: { model: string; warnings: readonly string[] },
): Response => {
  c.header('cache-control', 'no-store');
  return c.json({
    object: 'estimate',
    model,
    livemode: c.get('workspace').livemode,
    ...('reason' in estimate
      ? { cost_usd: null, parts: [], reason: estimate.reason }
      : { cost_usd: formatUsd(totalMicroUsd(estimate.parts)), parts: estimate.parts.map(describe) }),
    warnings,
  });
};

const describe = ({ per, quantity, unitMicroUsd, microUsd }: Part) => ({
  what: per === 'second' ? 'video' : 'images',
  quantity,
  unit: per,
  unit_usd: formatUsd(unitMicroUsd),
  cost_usd: formatUsd(microUsd),
});
