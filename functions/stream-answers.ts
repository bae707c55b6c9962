import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { requestOfEvent } from './event-request.ts';

type App = { fetch(request: Request): Response | Promise<Response> };

/**
 * The handler of a Function URL with response streaming. Hono has one too; most answers are one piece, and there it
 * costs more to send such a piece through a pipeline than all the rest of the request.
 */
export const streamAnswers = (app: App) =>
  awslambda.streamifyResponse(async (event: LambdaFunctionURLEvent, stream: Writable) => {
    const response = await app.fetch(requestOfEvent(event));
    await send(response.body, awslambda.HttpResponseStream.from(stream, preludeOf(response)));
  });

const preludeOf = ({ status, headers }: Response) => {
  const { 'set-cookie': _cookies, ...others } = Object.fromEntries(headers);
  return { statusCode: status, headers: others, cookies: headers.getSetCookie() };
};

const send = async (body: ReadableStream<Uint8Array> | null, stream: Writable): Promise<void> => {
  const reader = body?.getReader();
  const first = await reader?.read();
  const second = first?.value && (await reader?.read());
  if (reader && first?.value && second?.value)
    await pipeline(piecesOf(reader, [first.value, second.value]), stream).catch(ignoreLoggedBreak);
  else {
    // Only `write` brings Lambda to send the status and the headers.
    stream.write(first?.value ?? '');
    stream.end();
  }
};

/** Whoever made the answer has logged why it broke off; the client sees that it is not whole. */
const ignoreLoggedBreak = () => {};

const piecesOf = async function* (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  read: readonly Uint8Array[],
): AsyncGenerator<Uint8Array> {
  try {
    yield* read;
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
};
