import type { Log } from '../../log.ts';
import type { MadeImage, MadeImages } from '../../providers/image-provider.ts';

export type AnswerOptions = { created: number; warnings: readonly string[]; atMost: number; log: Log };

/** The pieces of the answer's JSON, as the images arrive: `{"created", "data": [{"b64_json"}], "usage", "warnings"}`. */
export const writeAnswer = async function* (
  made: MadeImages,
  { created, warnings, atMost, log }: AnswerOptions,
): AsyncGenerator<string | Uint8Array, void> {
  let written = 0;
  yield `{"created":${created},"data":[`;
  for await (const image of untilBroken(made, log)) {
    if (written === atMost) continue;
    yield written === 0 ? '{"b64_json":"' : ',{"b64_json":"';
    yield* loggingBreaks(image.base64, log);
    const revisedPrompt = image.revisedPrompt();
    yield revisedPrompt === undefined ? '"}' : `","revised_prompt":${JSON.stringify(revisedPrompt)}}`;
    written += 1;
  }
  const usage = made.usage();
  const usageMember = usage === undefined ? '' : `"usage":${JSON.stringify(usage)},`;
  yield `],${usageMember}"warnings":${JSON.stringify(warnings)}}`;
};

/** Half an image cannot be taken back: the answer ends there, and the client sees that it is not whole. */
const loggingBreaks = async function* (
  bytes: AsyncIterable<Uint8Array>,
  log: Log,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    log.error("the provider's answer broke off within an image", { error });
    throw error;
  }
};

/** An answer that breaks off between two images still gives those before. Within one, nothing can be saved. */
const untilBroken = async function* ({ images }: MadeImages, log: Log): AsyncGenerator<MadeImage> {
  const iterator = images[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        log.error("the provider's answer broke off", { error });
        return { done: true, value: undefined } as const;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
};
