import { invalidRequest } from '../../errors.ts';
import { type Candidate, candidateFor, chainCandidates } from '../../images/candidates.ts';
import { chosenBy, type ProviderSet, type ProviderSets } from '../../providers/configured.ts';
import type { ImageRequest } from '../../providers/image-provider.ts';
import type { Clock } from '../../time.ts';
import { readJsonBody } from '../body/read-body.ts';
import { fingerprint } from '../canonical-json.ts';
import type { ApiContext } from '../context.ts';
import type { FirstAttempts } from '../first-attempts.ts';
import { servingModel, unavailableModel } from '../serving-model.ts';
import { nameTask, type TaskName } from '../task-name.ts';
import { type ImageInput, readImageBody } from './image-body.ts';

export type ImageOrder = {
  name: TaskName;
  requestHash: string;
  input: ImageInput;
  candidates: readonly [Candidate, ...Candidate[]];
};

type Dependencies = { providers: ProviderSets; firstAttempts: FirstAttempts; now: Clock };

const route = 'image';

/**
 * Reads what images a caller asks for, and which models may make them.
 *
 * @throws ApiError that names everything that is wrong with it.
 */
export const createReadImageOrder = ({ providers, firstAttempts, now }: Dependencies) => {
  const soleCandidate = (
    { registry, imageProviders }: ProviderSet,
    id: string,
    request: ImageRequest,
  ): Candidate => {
    const model = servingModel(registry, id, 'image', now());
    const candidate = candidateFor(model, { providers: imageProviders, request });
    if (candidate === undefined) throw unavailableModel(id, 'this gateway has no account with its provider');
    return candidate;
  };

  return async (c: ApiContext): Promise<ImageOrder> => {
    const body = await readJsonBody(c);
    const served = chosenBy(providers, c.get('workspace'));
    const { registry, imageProviders } = served;
    const input = readImageBody(registry, body);
    const options = { registry, providers: imageProviders, request: input.request, nowMs: now() };
    const [primary, ...others] = chainCandidates(input.chain ?? [], options);
    const first = primary ?? soleCandidate(served, input.chain?.[0] ?? input.model, input.request);
    if (!first.plan.possible && others.length === 0) throw invalidRequest(first.plan.problems);
    const requestHash = fingerprint(body);
    const name = await nameTask(c, { route, requestHash }, firstAttempts);
    return { name, requestHash, input, candidates: [first, ...others] };
  };
};
