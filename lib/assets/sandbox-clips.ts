import { clipShapeOf } from '../sandbox/clip-id.ts';
import type { AssetStore } from './asset-store.ts';

/**
 * Sees that a file is there if it is a clip of the sandbox. Drawing one takes some 50 ms, so it is done when somebody wants to
 * have it, and again after the bucket has forgotten it.
 */
export const drawIfClip = async (
  fileId: string,
  assets: Pick<AssetStore, 'openFile' | 'putVideo'>,
): Promise<void> => {
  const shape = clipShapeOf(fileId);
  if (shape === undefined || (await assets.openFile(fileId, { onlyHeaders: true })) !== undefined) return;
  // Only what is missing needs the code that draws.
  const { makeClip } = await import('../sandbox/media/clip.ts');
  const { mode, aspectRatio, durationSeconds } = shape;
  const facts = [`${mode}  ${durationSeconds} s  ${aspectRatio}`];
  const bytes = makeClip({ ...shape, prompt: 'made by the sandbox, for a test key', facts });
  await assets.putVideo(fileId, [bytes]);
};
