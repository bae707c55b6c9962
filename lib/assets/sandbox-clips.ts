import { clipShapeOf } from '../sandbox/clip-id.ts';
import { makeClip } from '../sandbox/media/clip.ts';
import type { AssetStore } from './asset-store.ts';

/**
 * Sees that a clip of the sandbox lies in the bucket; other files are left alone. Drawing one takes some 50 ms, so it is done
 * when somebody wants to have it, and again after the bucket has forgotten it.
 */
export const drawClip = async (
  fileId: string,
  assets: Pick<AssetStore, 'openFile' | 'putVideo'>,
): Promise<void> => {
  const shape = clipShapeOf(fileId);
  if (shape === undefined || (await assets.openFile(fileId, { onlyHeaders: true })) !== undefined) return;
  const { mode, aspectRatio, durationSeconds } = shape;
  const facts = [`${mode}  ${durationSeconds} s  ${aspectRatio}`];
  const bytes = makeClip({ ...shape, prompt: 'made by the sandbox, for a test key', facts });
  await assets.putVideo(fileId, [bytes]);
};
