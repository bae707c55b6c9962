import type { AssetStore } from '../../assets/asset-store.ts';
import { fileLinkPath } from '../../assets/file-link.ts';
import { invalidRequest } from '../../errors.ts';
import { type Candidate, candidateFor, chainCandidates } from '../../images/candidates.ts';
import { generateImages } from '../../images/generate-images.ts';
import { lifecycleNotes, missingNote } from '../../images/notes.ts';
import type { Making } from '../../images/outcome.ts';
import { storeImages } from '../../images/store-images.ts';
import type { RateLimiter } from '../../keys/rate-limit.ts';
import type { ImageProviders, ImageRequest } from '../../providers/image-provider.ts';
import type { Registry } from '../../providers/registry.ts';
import { type Clock, dayMs, toEpochSeconds } from '../../time.ts';
import { readJsonBody } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { setIgnoredFields } from '../ignored-fields.ts';
import {
  type AcceptImagesDependencies,
  createAcceptImages,
  type ImageOrder,
  wantsTask,
} from '../images/accept-images.ts';
import { failureAnswer } from '../images/failure-answer.ts';
import { readImageBody } from '../images/image-body.ts';
import { setServedBy, setWarnings } from '../images/image-headers.ts';
import { describeImages, writeImages } from '../images/write-images.ts';
import { rateLimited } from '../middleware.ts';
import { servingModel, unavailableModel } from '../serving-model.ts';

export type CreateImageDependencies = AcceptImagesDependencies & {
  registry: Registry;
  imageProviders: ImageProviders;
  assets: Pick<AssetStore, 'putImage'>;
  limiter: RateLimiter;
  linkSigningKey: string;
  now: Clock;
  settings: {
    createsPerMinute: number;
    /** Where the links to images lead; absent: to the address that was called. */
    publicUrl: string | undefined;
  };
};

/** How long a link to an image works; the bucket keeps the image at least as long. */
export const imageLinkMs = dayMs;

/** `POST /v1/images/generations`: makes images while the caller waits, or accepts them as a task. */
export const createCreateImage = (dependencies: CreateImageDependencies) => {
  const { registry, imageProviders, assets, limiter, linkSigningKey, now, settings } = dependencies;
  const acceptImages = createAcceptImages(dependencies);

  const readOrder = async (c: ApiContext): Promise<ImageOrder> => {
    const body = await readJsonBody(c);
    const input = readImageBody(registry, body);
    const options = { registry, providers: imageProviders, request: input.request, nowMs: now() };
    const [primary, ...others] = chainCandidates(input.chain ?? [], options);
    const first = primary ?? soleCandidate(input.chain?.[0] ?? input.model, input.request);
    if (!first.plan.possible && others.length === 0) throw invalidRequest(first.plan.problems);
    return { body, input, candidates: [first, ...others] };
  };

  const soleCandidate = (id: string, request: ImageRequest): Candidate => {
    const candidate = candidateFor(servingModel(registry, id, 'image', now()), {
      providers: imageProviders,
      request,
    });
    if (candidate === undefined) throw unavailableModel(id, 'this gateway has no account with its provider');
    return candidate;
  };

  const takePermit = async (c: ApiContext): Promise<{ giveBack: () => void }> => {
    const workspace = c.get('workspace');
    const limit = workspace.rateLimitPerMinute ?? settings.createsPerMinute;
    const permit = await limiter.take(workspace.id, 'create', limit);
    if (!permit.allowed) throw rateLimited(limit, permit.retryAfterSeconds);
    return permit;
  };

  const linkTo = (c: ApiContext, fileId: string): string =>
    (settings.publicUrl ?? new URL(c.req.url).origin) +
    fileLinkPath(fileId, now() + imageLinkMs, linkSigningKey);

  const answerWithLinks = async (c: ApiContext, making: Making, wanted: number): Promise<Response> => {
    const outcome = await storeImages(making, { assets, kind: 'file', log: c.get('log') });
    if (outcome.status === 'not-made') throw failureAnswer(outcome);
    const warnings = [...making.notes, ...missingNote(outcome.kept.length, wanted)];
    setWarnings(c, warnings);
    const data = outcome.kept.map(({ fileId, revisedPrompt }) => ({
      url: linkTo(c, fileId),
      ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
    }));
    const created = toEpochSeconds(now());
    return c.json({ created, data, ...describeImages(making.made), warnings });
  };

  const answerWithBytes = (c: ApiContext, { made, notes }: Making, wanted: number): Response => {
    const warnings = [...notes, ...missingNote(made.images.length, wanted)];
    setWarnings(c, warnings);
    const created = toEpochSeconds(now());
    const body = ReadableStream.from(writeImages(made, { created, warnings }));
    return c.body(body, 200, { 'content-type': 'application/json' });
  };

  return async (c: ApiContext): Promise<Response> => {
    const order = await readOrder(c);
    const { input, candidates } = order;
    setIgnoredFields(c, 'x-clear-ignored-fields', input.ignored);
    if (wantsTask(c, input)) return acceptImages(c, order, () => takePermit(c));
    await takePermit(c);
    const making = await generateImages(candidates, input.request, { ...registry, log: c.get('log') });
    if (making.status === 'not-made') throw failureAnswer(making);
    const { candidate } = making;
    c.set('logFields', {
      requestedModel: candidate.requested.id,
      model: candidate.serving.id,
      n: input.request.n,
    });
    setServedBy(c, candidate, input.chain !== undefined);
    const told = { ...making, notes: [...lifecycleNotes(candidate), ...input.notes, ...making.notes] };
    return input.format === 'url'
      ? answerWithLinks(c, told, input.request.n)
      : answerWithBytes(c, told, input.request.n);
  };
};
