/** Width and height of a picture of this ratio (`16:9`) whose longer side is so long. */
export const sizeOfRatio = (ratio: string, longSide: number): { width: number; height: number } => {
  const [across, down] = ratio.split(':').map(Number) as [number, number];
  const scale = longSide / Math.max(across, down);
  return { width: Math.round(across * scale), height: Math.round(down * scale) };
};
