import { generateImages } from '../../images/generate-images.ts';
import { lifecycleNotes } from '../../images/notes.ts';
import type { Making, NotMade } from '../../images/outcome.ts';
import { chosenBy, type ProviderSets } from '../../providers/configured.ts';
import type { TaskCost } from '../../tasks/task-money.ts';
import { type Clock, toEpochSeconds } from '../../time.ts';
import { createBookRequest } from '../../usage/book-request.ts';
import type { Ledger } from '../../usage/ledger.ts';
import { createMakingCost } from '../../usage/making-cost.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { ApiContext } from '../context.ts';
import type { ImageOrder } from './read-image-order.ts';

type Dependencies = {
  providers: ProviderSets;
  prices: Pick<PriceList, 'of'>;
  ledger: Pick<Ledger, 'put'>;
  now: Clock;
};

/** `createdAtSeconds`: one time for the first answer and for all that repeat it. */
export type Generated = Making & { cost: TaskCost; createdAtSeconds: number };

/** Makes the images of an order while its caller waits, and books what they cost. */
export const createGenerateAndBook = ({ providers, prices, ledger, now }: Dependencies) => {
  const costOf = createMakingCost(prices);
  const bookRequest = createBookRequest(ledger);

  const generate = async (c: ApiContext, { input, candidates }: ImageOrder): Promise<Generated | NotMade> => {
    const { registry } = chosenBy(providers, c.get('workspace'));
    const making = await generateImages(candidates, input.request, { ...registry, log: c.get('log') });
    if (making.status === 'not-made') return making;
    const { candidate } = making;
    c.set('logFields', {
      requestedModel: candidate.requested.id,
      model: candidate.serving.id,
      n: input.request.n,
    });
    return {
      ...making,
      createdAtSeconds: toEpochSeconds(now()),
      cost: costOf(making),
      notes: [...lifecycleNotes(candidate), ...input.notes, ...making.notes],
    };
  };

  return async (c: ApiContext, order: ImageOrder): Promise<Generated | NotMade> => {
    const { workspace, keyName, log } = c.var;
    const request = {
      id: order.name.taskId,
      workspaceId: workspace.id,
      createdAtMs: now(),
      livemode: workspace.livemode,
      keyName,
      model: order.candidates[0].serving.id,
    };
    return bookRequest(request, { make: () => generate(c, order), cameTo, log });
  };
};

/** Nobody knows whether what was not answered clearly was charged. */
const cameTo = (making: Generated | NotMade) =>
  making.status === 'not-made'
    ? { images: 0, microUsd: making.mayHaveBeenPaid ? null : 0 }
    : {
        model: making.candidate.serving.id,
        images: making.made.images.length,
        microUsd: making.cost.microUsd,
      };
