import type { SandboxParts } from '../../lib/providers/descriptor.ts';

const notUsed = (): never => {
  throw new Error('the sandbox was used');
};

/** For tests in which no test key plays a part. */
export const noSandbox: SandboxParts = {
  renders: { create: notUsed, find: notUsed, countRefusal: notUsed },
  linkTo: notUsed,
};
