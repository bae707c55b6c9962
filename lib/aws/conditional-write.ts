import { randomBytes } from 'node:crypto';
import { ConditionFailedError } from './table.ts';

/** What a conditional write answers. `undefined`: its condition failed, which is ordinary. Other errors are thrown. */
export const unlessConditionFailed = async <Answer>(write: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionFailedError) return undefined;
    throw error;
  }
};

export const tookEffect = async (write: Promise<unknown>): Promise<boolean> =>
  (await unlessConditionFailed(write.then(() => true))) ?? false;

/** Tells one write from another, so that one that failed on its own effect is known again. */
export const newWriteId = (): string => randomBytes(9).toString('base64url');
