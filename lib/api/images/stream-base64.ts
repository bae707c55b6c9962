import type { Log } from '../../log.ts';
import type { MadeImage, MadeImages } from '../../providers/image-provider.ts';

type Options = { created: number; atMost: number; log: Log };

/** Writes the answer's JSON while the images arrive: `{"created", "data": [{"b64_json"}], "usage"}`. */
export const streamBase64 = (made: MadeImages, options: Options): ReadableStream<Uint8Array> => {
  const text = answerText(made, options);
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await text.next();
        if (next.done) controller.close();
        else controller.enqueue(Buffer.from(next.value));
      },
      async cancel() {
        await text.return(undefined);
      },
    },
    // What the client has not taken waits at the provider, not here.
    { highWaterMark: 0 },
  );
};

const answerText = async function* (
  made: MadeImages,
  { created, atMost, log }: Options,
): AsyncGenerator<string, void> {
  let written = 0;
  yield `{"created":${created},"data":[`;
  for await (const image of untilBroken(made, log)) {
    if (written === atMost) continue;
    yield written === 0 ? '{"b64_json":"' : ',{"b64_json":"';
    yield* encodeBase64(loggingBreaks(image.bytes, log));
    const revisedPrompt = image.revisedPrompt();
    yield revisedPrompt === undefined ? '"}' : `","revised_prompt":${JSON.stringify(revisedPrompt)}}`;
    written += 1;
  }
  const usage = made.usage();
  yield usage === undefined ? ']}' : `],"usage":${JSON.stringify(usage)}}`;
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

/** Three bytes make four characters; what is left of a chunk waits for the next. */
const encodeBase64 = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let waiting: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = waiting.length === 0 ? Buffer.from(chunk) : Buffer.concat([waiting, chunk]);
    const usable = all.length - (all.length % 3);
    waiting = all.subarray(usable);
    if (usable > 0) yield all.toString('base64', 0, usable);
  }
  if (waiting.length > 0) yield waiting.toString('base64');
};
