import type { RateBucket } from '../keys/rate-limit.ts';

type RateRule = { bucket: RateBucket; perMinute: number };

/** Reading is cheap, and well-behaved clients poll. */
const readsPerCreate = 10;

const creatingPaths = new Set(['/v1/video/generations', '/v1/videos', '/v1/images/generations']);

/** Each of these makes us do or send much more than was asked, so it has a limit of its own, whatever the workspace's. */
const costlyPaths: Readonly<Record<string, RateRule>> = {
  '/v1/callbacks/recover': { bucket: 'recover', perMinute: 6 },
  '/v1/callbacks/test': { bucket: 'test', perMinute: 60 },
  '/v1/callbacks/secret/rotate': { bucket: 'rotate', perMinute: 6 },
};

/** By which limit a request counts. */
export const rateRuleFor = (
  { method, path, isEstimate }: { method: string; path: string; isEstimate: boolean },
  createsPerMinute: number,
): RateRule | 'counts-for-itself' => {
  if (method === 'POST') {
    if (creatingPaths.has(path) && !isEstimate) return 'counts-for-itself';
    const costly = Object.hasOwn(costlyPaths, path) ? costlyPaths[path] : undefined;
    if (costly !== undefined) return costly;
    if (path.endsWith('/deliveries')) return { bucket: 'redeliver', perMinute: createsPerMinute };
  }
  // One report may read 400 days.
  if (path === '/v1/usage') return { bucket: 'usage', perMinute: 60 };
  return { bucket: 'read', perMinute: createsPerMinute * readsPerCreate };
};
