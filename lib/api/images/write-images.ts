import { formatUsd } from '../../money.ts';
import type { MadeImages } from '../../providers/image-provider.ts';
import type { TaskCost } from '../../tasks/task-money.ts';

/** What the answer says beside its images. */
export const describeImages = ({ usage, drawnAs }: MadeImages, { microUsd }: TaskCost) => ({
  ...drawnAs,
  usage: { ...usage, cost_usd: microUsd === null ? null : formatUsd(microUsd) },
});

type Beside = { created: number; described: object; livemode: boolean; warnings: readonly string[] };

/** The answer's JSON, image by image, so that it need not be in memory as a whole once more. */
export const writeImages = function* (
  images: MadeImages['images'],
  { created, described, livemode, warnings }: Beside,
): Generator<Uint8Array> {
  const beside = JSON.stringify({ created, ...described, livemode, warnings });
  yield Buffer.from(`${beside.slice(0, -1)},"data":[`);
  for (const [position, { base64, revisedPrompt }] of images.entries()) {
    const prompt = revisedPrompt === undefined ? '' : `,"revised_prompt":${JSON.stringify(revisedPrompt)}`;
    yield Buffer.from(`${position === 0 ? '' : ','}{"b64_json":"`);
    yield Buffer.from(base64, 'latin1');
    yield Buffer.from(`"${prompt}}`);
  }
  yield Buffer.from(']}');
};
