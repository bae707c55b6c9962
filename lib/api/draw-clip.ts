import type { AssetStore } from '../assets/asset-store.ts';
import { kindOfFile } from '../assets/file-id.ts';

/** Sees that a file is there if it is a clip of the sandbox. The code that draws is loaded with the first clip that is missing. */
export const drawIfClip = async (
  fileId: string,
  assets: Pick<AssetStore, 'openFile' | 'putVideo'>,
): Promise<void> => {
  if (kindOfFile(fileId) !== 'clip') return;
  const { drawClip } = await import('../assets/sandbox-clips.ts');
  await drawClip(fileId, assets);
};
