import { newWriteId, tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { type Clock, minuteMs, secondMs, toEpochSeconds } from '../time.ts';

export type RateBucket = 'create' | 'read' | 'redeliver' | 'test' | 'recover' | 'rotate' | 'wait' | 'usage';

type RateOutcome =
  /** `giveBack` returns the permit, for a request that does not count after all, such as a replay. */
  | { allowed: true; giveBack: () => void }
  /** Waiting exactly that long, which is at most 60 s, is enough. */
  | { allowed: false; retryAfterSeconds: number };

/** Counts a workspace's requests in fixed one-minute windows, over all instances together. */
export type RateLimiter = {
  /** Takes one permit. All instances together never hand out more than `limit` in a window. */
  take(workspaceId: string, bucket: RateBucket, limit: number): Promise<RateOutcome>;
};

type Dependencies = { table: Table; now: Clock };

/** What this instance holds of one bucket in one window. */
type Share = {
  window: number;
  permits: number;
  lastBlock: number;
  /** Requests that wait for the reservation under way. */
  waiting: number;
  reservation?: Promise<void>;
  /** The limit at which nothing more was to be had. */
  usedUpAtLimit?: number;
};

const maxShareOfLimit = 1 / 20;
/** How long a window's counter stays after its end, for instances whose clocks run late. */
const counterAfterlifeMs = 2 * minuteMs;

/**
 * Permits are reserved in blocks and handed out from memory, so that most requests cost no write. Blocks start at
 * one and double, so that many instances with little to do do not keep permits from each other.
 */
export const nextBlock = (share: Pick<Share, 'lastBlock' | 'waiting'>, limit: number): number => {
  const largest = Math.max(1, Math.floor(limit * maxShareOfLimit));
  return Math.min(largest, Math.max(1, share.lastBlock * 2, share.waiting));
};

export const createRateLimiter = ({ table, now }: Dependencies): RateLimiter => {
  let currentWindow = 0;
  let shares = new Map<string, Share>();

  const shareOf = (bucketName: string): Share => {
    const window = Math.floor(now() / minuteMs);
    if (window !== currentWindow) {
      currentWindow = window;
      shares = new Map();
    }
    const share = shares.get(bucketName) ?? { window, permits: 0, lastBlock: 0, waiting: 0 };
    shares.set(bucketName, share);
    return share;
  };

  /**
   * Adds to the window's counter unless that would pass the limit. A write whose answer got lost is repeated by the SDK: the id
   * of the write, which stands on the counter, tells.
   */
  const reserve = async (
    bucketName: string,
    window: number,
    block: number,
    limit: number,
  ): Promise<boolean> => {
    const Key = { pk: `RATE#${bucketName}#${window}`, sk: 'RATE' };
    const writeId = newWriteId();
    const isReserved = await tookEffect(
      table.update({
        Key,
        UpdateExpression: 'SET expiresAtSeconds = :expires, writeId = :write ADD taken :block',
        ConditionExpression: 'attribute_not_exists(taken) OR taken <= :room AND writeId <> :write',
        ExpressionAttributeValues: {
          ':block': block,
          ':room': limit - block,
          ':expires': toEpochSeconds((window + 1) * minuteMs + counterAfterlifeMs),
          ':write': writeId,
        },
      }),
    );
    if (isReserved) return true;
    const { Item } = await table.get({ Key, ConsistentRead: true });
    return Item?.['writeId'] === writeId;
  };

  const refill = async (share: Share, bucketName: string, limit: number): Promise<void> => {
    const block = nextBlock(share, limit);
    if (await reserve(bucketName, share.window, block, limit)) {
      share.permits += block;
      share.lastBlock = block;
    } else if (block > 1 && (await reserve(bucketName, share.window, 1, limit))) share.permits += 1;
    else share.usedUpAtLimit = limit;
  };

  const waitForRefill = async (share: Share, bucketName: string, limit: number): Promise<void> => {
    share.waiting += 1;
    share.reservation ??= refill(share, bucketName, limit).finally(() => delete share.reservation);
    try {
      await share.reservation;
    } finally {
      share.waiting -= 1;
    }
  };

  const secondsToNextWindow = (): number => Math.ceil((minuteMs - (now() % minuteMs)) / secondMs);

  return {
    async take(workspaceId, bucket, limit) {
      const bucketName = `${workspaceId}#${bucket}`;
      for (;;) {
        const share = shareOf(bucketName);
        if (share.permits > 0) {
          share.permits -= 1;
          const giveBack = () => {
            share.permits += 1;
          };
          return { allowed: true, giveBack };
        }
        if (limit < 1 || (share.usedUpAtLimit ?? 0) >= limit)
          return { allowed: false, retryAfterSeconds: secondsToNextWindow() };
        await waitForRefill(share, bucketName, limit);
      }
    },
  };
};
