import * as z from 'zod/mini';
import { newWriteId, tookEffect } from '../../aws/conditional-write.ts';
import type { Table } from '../../aws/table.ts';
import { errorCodes, errorTypes } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../../time.ts';

/** Renewed while the images are being made. If it runs out, the worker has crashed. */
export const makingLeaseMs = 90 * secondMs;

const imageAnswer = z.object({
  created: z.number(),
  format: z.enum(['url', 'b64_json']),
  images: z.array(z.object({ fileId: z.string(), revisedPrompt: z.exactOptional(z.string()) })),
  /** What the answer says beside its images. */
  described: z.record(z.string(), z.custom<Json>()),
  warnings: z.array(z.string()),
  headers: z.record(z.string(), z.string()),
});
/** An answer with images, which lie in the bucket. */
export type ImageAnswer = z.infer<typeof imageAnswer>;

const keptFailure = z.object({
  message: z.string(),
  status: z.number(),
  code: z.enum(errorCodes),
  type: z.enum(errorTypes),
  param: z.exactOptional(z.string()),
  headers: z.record(z.string(), z.string()),
});

const requestHash = z.string();
const keptRequest = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('making'),
    requestHash,
    leaseUntilMs: z.number(),
    /** Of the claim under which they are made. */
    claimId: z.exactOptional(z.string()),
  }),
  /** A task makes them, or will. */
  z.object({ state: z.literal('task'), requestHash }),
  z.object({ state: z.literal('made'), requestHash, answer: imageAnswer }),
  /** `mayRepeat`: nothing was charged, so the same request may be tried anew. */
  z.object({ state: z.literal('failed'), requestHash, failure: keptFailure, mayRepeat: z.boolean() }),
]);
/** What has become of a request that may be repeated. */
export type KeptRequest = z.infer<typeof keptRequest>;
export type EndedRequest = Exclude<KeptRequest, { state: 'making' | 'task' }>;

/** One claim on making the images of a request; `claimId` tells it from others on the same. */
export type Claim = { id: string; claimId: string };

/**
 * Answers with images, by the id of the request, so that a repeat makes and costs nothing. Only whoever has the claim changes
 * what is kept, however late AWS carries a write out.
 */
export type KeptAnswers = {
  /** Claims making the images, under a lease and once for each id; otherwise answers what is known of the request. */
  begin(id: string, requestHash: string): Promise<Claim | KeptRequest>;
  /** Leaves the images to a task of that id. `false`: a request that waits for them makes them, or has. */
  leaveToTask(id: string, requestHash: string): Promise<boolean>;
  renewLease(claim: Claim): Promise<void>;
  keep(claim: Claim, ended: EndedRequest): Promise<void>;
  /** Lets the request begin anew: nothing has been asked for. */
  forget(claim: Claim): Promise<void>;
  find(id: string): Promise<KeptRequest | undefined>;
};

const keyOf = (id: string) => ({ pk: `ANSWER#${id}`, sk: 'ANSWER' });
const isOwn = 'claimId = :claim';

export const createKeptAnswers = (table: Table, now: Clock, retentionDays: number): KeptAnswers => {
  const itemOf = ({ id, claimId }: Claim, request: KeptRequest) => ({
    ...keyOf(id),
    ...request,
    claimId,
    expiresAtSeconds: toEpochSeconds(now() + retentionDays * dayMs),
  });

  const find = async (id: string): Promise<KeptRequest | undefined> => {
    const { Item } = await table.get({ Key: keyOf(id), ConsistentRead: true });
    if (Item === undefined || Number(Item['expiresAtSeconds']) <= toEpochSeconds(now())) return undefined;
    return keptRequest.parse(Item);
  };

  const claim = async (id: string, request: KeptRequest): Promise<Claim | KeptRequest> => {
    const own = { id, claimId: newWriteId() };
    const isClaimed = await tookEffect(
      table.put({
        Item: itemOf(own, request),
        ConditionExpression:
          'attribute_not_exists(pk) OR expiresAtSeconds <= :now OR (mayRepeat = :yes AND requestHash = :hash)',
        ExpressionAttributeValues: {
          ':now': toEpochSeconds(now()),
          ':yes': true,
          ':hash': request.requestHash,
        },
      }),
    );
    if (isClaimed) return own;
    const known = await find(id);
    // Its answer got lost, so the SDK repeated it.
    if (known?.state === 'making' && known.claimId === own.claimId) return own;
    // Forgotten between the two, it can begin.
    return known ?? claim(id, request);
  };

  return {
    begin: (id, hash) =>
      claim(id, { state: 'making', requestHash: hash, leaseUntilMs: now() + makingLeaseMs }),
    async leaveToTask(id, hash) {
      const known = await claim(id, { state: 'task', requestHash: hash });
      return !('state' in known) || known.state === 'task';
    },
    find,
    async renewLease({ id, claimId }) {
      await tookEffect(
        table.update({
          Key: keyOf(id),
          UpdateExpression: 'SET leaseUntilMs = :until',
          ConditionExpression: `${isOwn} AND #state = :making`,
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: {
            ':until': now() + makingLeaseMs,
            ':claim': claimId,
            ':making': 'making',
          },
        }),
      );
    },
    async keep(claim, ended) {
      await tookEffect(
        table.put({
          Item: itemOf(claim, ended),
          ConditionExpression: isOwn,
          ExpressionAttributeValues: { ':claim': claim.claimId },
        }),
      );
    },
    async forget({ id, claimId }) {
      await tookEffect(
        table.delete({
          Key: keyOf(id),
          ConditionExpression: isOwn,
          ExpressionAttributeValues: { ':claim': claimId },
        }),
      );
    },
  };
};
