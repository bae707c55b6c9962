import { generateImages } from '../../images/generate-images.ts';
import type { Making, NotMade } from '../../images/outcome.ts';
import type { Log } from '../../observability/log.ts';
import { chosenBy, type ProviderSets } from '../../providers/configured.ts';
import { newTaskId } from '../../tasks/task-id.ts';
import type { TaskCost } from '../../tasks/task-money.ts';
import { toEpochSeconds } from '../../time.ts';
import { createBookRequest } from '../../usage/book-request.ts';
import { holdMs } from '../../usage/budget.ts';
import { expectImages } from '../../usage/expected-cost.ts';
import type { Ledger } from '../../usage/ledger.ts';
import { createMakingCost } from '../../usage/making-cost.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { ApiContext } from '../context.ts';
import type { HeldBudget } from '../held-budget.ts';
import { createHoldBudget, type HoldBudgetDependencies } from '../hold-budget.ts';
import { createTakePermit, type TakePermitDependencies } from '../take-permit.ts';
import type { ImageOrder } from './read-image-order.ts';

export type PrepareImagesDependencies = TakePermitDependencies &
  HoldBudgetDependencies & {
    providers: ProviderSets;
    prices: Pick<PriceList, 'of'>;
    ledger: Pick<Ledger, 'put'>;
  };

/** `createdAtSeconds`: one time for the first answer and for all that repeat it. */
export type Generated = Making & { cost: TaskCost; createdAtSeconds: number };

/** Asks the providers. */
type Generate = () => Promise<Generated | NotMade>;

/**
 * Takes the permit, holds the budget and books the images of an order whose caller waits: all that may refuse it, or fail by a
 * fault of ours, before a provider is asked. What they cost is booked with that.
 */
export const createPrepareImages = (dependencies: PrepareImagesDependencies) => {
  const { providers, prices, ledger, now } = dependencies;
  const takePermit = createTakePermit(dependencies);
  const holdBudget = createHoldBudget(dependencies);
  const bookRequest = createBookRequest(ledger);
  const costOf = createMakingCost(prices);

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

  return async (c: ApiContext, order: ImageOrder): Promise<Generate> => {
    const { name, input, candidates } = order;
    const { workspace, keyName, log } = c.var;
    const acceptedAtMs = now();
    const permit = await takePermit(c);
    if (!permit.allowed) throw permit.refusal;
    const held = await holdBudget(workspace, {
      // A name of its own: a task of the same `Idempotency-Key` may hold something as well.
      taskId: newTaskId(),
      acceptedAtMs,
      estimate: expectImages(prices, candidates, input.request.n),
    });
    const closeEntry = await bookRequest({
      id: name.taskId,
      workspaceId: workspace.id,
      createdAtMs: acceptedAtMs,
      livemode: workspace.livemode,
      keyName,
      model: candidates[0].serving.id,
    }).catch(async (error: unknown) => {
      await held?.settle(0);
      throw error;
    });
    const generateAndBook = async () => {
      const generated = await generate(c, order);
      await closeEntry(cameTo(generated), log);
      return generated;
    };
    return () => spendOn(held, generateAndBook, log);
  };
};

/**
 * Settles what is held as soon as the cost is known, whatever becomes of the answer. Until then it is renewed, so that a crash
 * gives it back.
 */
const spendOn = async (
  held: HeldBudget | undefined,
  generate: Generate,
  log: Log,
): Promise<Generated | NotMade> => {
  if (held === undefined) return generate();
  const renewal = setInterval(() => void held.renew().catch(() => {}), holdMs / 3);
  // Where nobody knows what was charged, that is what was reserved.
  let spentMicroUsd = held.reservation.microUsd;
  try {
    const generated = await generate();
    spentMicroUsd = cameTo(generated).microUsd ?? spentMicroUsd;
    return generated;
  } finally {
    clearInterval(renewal);
    // What was made must reach the caller all the same.
    await held
      .settle(spentMicroUsd)
      .catch((error: unknown) => log.event('budget.not-settled', { taskId: held.taskId, error }));
  }
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
