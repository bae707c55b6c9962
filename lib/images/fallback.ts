import type { ImageFailure } from '../providers/image-provider.ts';

/**
 * Whether the next model of a chain may be tried after this failure: where the provider failed, was busy, gave no clear
 * answer or no longer has the model. Not when the caller or the gateway's credentials are at fault.
 */
export const permitsFallback = (failure: ImageFailure): boolean => {
  switch (failure.status) {
    case 'busy':
    case 'failed':
    case 'unclear':
    case 'model-gone':
      return true;
    case 'operator-fault':
      return failure.exhausted === true;
    case 'refused':
      return false;
  }
};
