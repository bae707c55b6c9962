import type { Making } from '../images/outcome.ts';
import type { TaskCost } from '../tasks/task-money.ts';
import { costOfImages } from './cost.ts';
import type { PriceList } from './price-list.ts';

/** What it cost to make images, by the prices of the model that made them. */
export const createMakingCost =
  (prices: Pick<PriceList, 'of'>) =>
  ({ made, candidate: { plan, serving } }: Making): TaskCost =>
    costOfImages(prices.of(serving.id), made, plan.possible ? plan.order.traits : {});
