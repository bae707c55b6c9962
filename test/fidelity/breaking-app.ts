import { Hono } from 'hono';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';

const untilItBreaks = async function* () {
  yield Buffer.from('{"data":["half');
  throw new Error('the provider hung up');
};

/** A function whose answers break off, to see what Lambda's runtime makes of it. */
export const handler = streamAnswers(
  new Hono()
    .get('/breaks', (c) =>
      c.body(ReadableStream.from(untilItBreaks()), 200, { 'content-type': 'application/json' }),
    )
    .get('/breaks-at-once', (c) =>
      c.body(
        new ReadableStream({
          pull() {
            throw new Error('the provider hung up');
          },
        }),
      ),
    )
    .get('/whole', (c) => c.json({ data: [] })),
);
