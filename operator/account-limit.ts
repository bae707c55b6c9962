import type { Settings } from '../cdk/settings.ts';

/** What Lambda says of the account in this region. */
type AccountLimit = {
  /** Executions at once, of everything in the account together. */
  concurrentExecutions: number;
  /** Those that no function has reserved for itself. */
  unreservedExecutions: number;
};

type Verdict = { fits: boolean; text: string };

/** Lambda keeps so many executions out of reservations (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html). */
const keptUnreserved = 100;

const askForMore =
  'ask AWS for more (Service Quotas, AWS Lambda, "Concurrent executions"; 1,000 are usual and cost nothing)';

/** How many executions the stack may start at once beside those of the API, the sweep included. */
export const workerConcurrency = (settings: Settings): number =>
  settings.submitConcurrency +
  settings.imageConcurrency +
  settings.pollConcurrency +
  settings.deliverConcurrency +
  1;

/** Whether what these settings may start at once leaves room for the API. */
export const judgeAccountLimit = (settings: Settings, limit: AccountLimit): Verdict => {
  const { concurrentExecutions, unreservedExecutions } = limit;
  const { apiReservedConcurrency: reserved } = settings;
  const workers = workerConcurrency(settings);
  const left = unreservedExecutions - workers;
  const facts = `Your account may run ${concurrentExecutions} executions at once in this region, ${unreservedExecutions} of them not reserved by any function. The workers and the sweep of ${settings.stackName} may use ${workers}`;
  if (left < 1) {
    const advice =
      settings.preset === 'small-account'
        ? `${capitalised(askForMore)}.`
        : `Set "preset": "small-account" in settings.${settings.stage}.json, or ${askForMore}.`;
    return { fits: false, text: `${facts}, which leaves none for the API. ${advice}` };
  }
  if (reserved !== undefined && concurrentExecutions - reserved < keptUnreserved)
    return {
      fits: false,
      text: `${facts}. apiReservedConcurrency ${reserved} will be refused, because Lambda keeps ${keptUnreserved} executions out of reservations. Leave it out, or ${askForMore}.`,
    };
  const roomForApi = `, which leaves ${left} for the API. An image that somebody waits for holds one of them for as long as it takes`;
  return {
    fits: true,
    text: `${facts}${left < 10 ? `${roomForApi}: before real use, ${askForMore}` : roomForApi}.`,
  };
};

const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
