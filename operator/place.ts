import { loadSettings } from '../cdk/settings-file.ts';
import { withoutUndefined } from '../lib/without-undefined.ts';
import type { Place } from './deployment.ts';
import { UsageError } from './usage-error.ts';

/** Which gateway is meant: a stage leads to its stack and, unless another one is given, to its region. */
export const placeOf = (value: (name: string) => string | undefined, load = loadSettings): Place => {
  const [stage, stackName] = [value('stage'), value('stack')];
  if (stage !== undefined && stackName !== undefined)
    throw new UsageError('Give --stage or --stack, not both.');
  if (stage === undefined && stackName === undefined && value('region') !== undefined)
    throw new UsageError(
      'Give --region with --stage or --stack: without one of them the gateway on this machine is meant.',
    );
  const settings = stage === undefined ? undefined : load(stage);
  const stack = settings?.stackName ?? stackName;
  return withoutUndefined({ stack, region: value('region') ?? settings?.region });
};
