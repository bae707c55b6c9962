import { multiply, parseMillionths } from '../money.ts';
import type { TaskCost, TaskPrice } from './task-money.ts';

/** What a video that was made cost: by its provider's own figure where there is one, else by the price list. */
export const costOfVideo = (price: TaskPrice, units: string | undefined): TaskCost =>
  costByUnits(price, units) ?? {
    ...costByList(price.listMicroUsd),
    ...(units !== undefined && { units }),
  };

/** A failure costs nothing, unless its provider says that it charged for it. */
export const costOfFailure = (price: TaskPrice | undefined, units?: string): TaskCost =>
  costByUnits(price, units) ?? costByList(0);

const costByUnits = (price: TaskPrice | undefined, units: string | undefined): TaskCost | undefined => {
  const millionths = units === undefined ? undefined : parseMillionths(units);
  if (units === undefined || millionths === undefined || price?.unitMicroUsd === undefined) return undefined;
  return { microUsd: multiply(millionths, price.unitMicroUsd), source: 'provider', units };
};

const costByList = (microUsd: number | null): TaskCost =>
  microUsd === null ? { microUsd } : { microUsd, source: 'price_list' };
