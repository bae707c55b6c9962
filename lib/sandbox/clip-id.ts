/** What tells one clip of the sandbox from another: all that are alike are one file. */
type ClipShape = { mode: string; aspectRatio: string; durationSeconds: number };

const modes = ['std', 'pro', '4k'];
const ratios = ['16:9', '9:16', '1:1'];
const maxSeconds = 60;

/** `clip_`, the short side, the shape and the seconds: the name says all that is needed to draw it. */
export const clipIdOf = ({ mode, aspectRatio, durationSeconds }: ClipShape): string => {
  const known = modes.includes(mode) ? mode : 'std';
  const ratio = ratios.includes(aspectRatio) ? aspectRatio : '16:9';
  const seconds = Math.min(Math.max(1, Math.round(durationSeconds) || 1), maxSeconds);
  return `clip_${known}x${ratio.replace(':', 'x')}x${seconds}s`;
};

/** `undefined`: the text is no such id. */
export const clipShapeOf = (id: string): ClipShape | undefined => {
  const [, mode = '', across = '', down = '', seconds = ''] =
    /^clip_(std|pro|4k)x(\d+)x(\d+)x(\d{1,2})s$/.exec(id) ?? [];
  const shape = { mode, aspectRatio: `${across}:${down}`, durationSeconds: Number(seconds) };
  return clipIdOf(shape) === id ? shape : undefined;
};
