import type { NotMade } from '../../images/outcome.ts';
import type { Log } from '../../observability/log.ts';
import type { TaskCost } from '../../tasks/task-money.ts';
import { holdMs } from '../../usage/budget.ts';
import type { HeldBudget } from '../held-budget.ts';

type Made = { status: 'made'; cost: TaskCost };

/**
 * Makes images that no task stands for, and books what they cost as soon as that is known, whatever becomes of the answer. Until
 * then their reservation is renewed, so that a crash gives it back.
 */
export const spendOn = async <Making extends Made>(
  held: HeldBudget | undefined,
  make: () => Promise<Making | NotMade>,
  log: Log,
): Promise<Making | NotMade> => {
  if (held === undefined) return make();
  const renewal = setInterval(() => void held.renew().catch(() => {}), holdMs / 3);
  // Where nobody knows what was charged, that is what was reserved.
  let spentMicroUsd = held.reservation.microUsd;
  try {
    const making = await make();
    if (making.status === 'made') spentMicroUsd = making.cost.microUsd ?? spentMicroUsd;
    else if (!making.mayHaveBeenPaid) spentMicroUsd = 0;
    return making;
  } finally {
    clearInterval(renewal);
    // What was made must reach the caller all the same.
    await held
      .settle(spentMicroUsd)
      .catch((error: unknown) => log.event('budget.not-settled', { taskId: held.taskId, error }));
  }
};
