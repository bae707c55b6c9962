import { generateImages } from '../../images/generate-images.ts';
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

/** Asks the providers. */
export type Generate = () => Promise<Generated | NotMade>;

/** Books the images of an order whose caller waits, so that they may be made; what they cost is booked with that. */
export const createBookAndGenerate = ({ providers, prices, ledger, now }: Dependencies) => {
  const costOf = createMakingCost(prices);
  const bookRequest = createBookRequest(ledger);

  const generate = async (c: ApiContext, { input, candidates }: ImageOrder): Promise<Generated | NotMade> => {
    const { registry } = chosenBy(providers, c.get('workspace'));
    const making = await generateImages(candidates, input.request, { ...registry, now, log: c.get('log') });
    if (making.status === 'not-made') return making;
    const { candidate } = making;
    c.set('logFields', {
      requestedModel: candidate.requested.id,
      model: candidate.serving.id,
      n: input.request.n,
    });
    return { ...making, createdAtSeconds: toEpochSeconds(now()), cost: costOf(making) };
  };

  return async (c: ApiContext, order: ImageOrder, acceptedAtMs: number): Promise<Generate> => {
    const { workspace, keyName, log } = c.var;
    const closeEntry = await bookRequest({
      id: order.name.taskId,
      workspaceId: workspace.id,
      createdAtMs: acceptedAtMs,
      livemode: workspace.livemode,
      keyName,
      model: order.candidates[0].serving.id,
    });
    return async () => {
      const generated = await generate(c, order);
      await closeEntry(cameTo(generated), log);
      return generated;
    };
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
