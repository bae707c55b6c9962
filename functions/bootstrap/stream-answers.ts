import type { Writable } from 'node:stream';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import type { AnswerBody, Bindings } from '../../lib/api/context.ts';
import { requestOfEvent } from './event-request.ts';

type App = { fetch(request: Request, bindings: Bindings): Response | Promise<Response> };

/**
 * The handler of a Function URL with response streaming. Hono has one too; most answers are one piece, and there it
 * costs more to send such a piece through a pipeline than all the rest of the request.
 */
export const streamAnswers = (app: App) =>
  awslambda.streamifyResponse(async (event: LambdaFunctionURLEvent, stream: Writable) => {
    let body: AnswerBody | undefined;
    const response = await app.fetch(requestOfEvent(event), {
      sendBody(given) {
        body = given;
      },
    });
    const answer = awslambda.HttpResponseStream.from(stream, preludeOf(response));
    await send(body ?? (await bodyOf(response)), answer);
  });

const preludeOf = ({ status, headers }: Response) => {
  const { 'set-cookie': _cookies, ...others } = Object.fromEntries(headers);
  return { statusCode: status, headers: others, cookies: headers.getSetCookie() };
};

const bodyOf = async (response: Response): Promise<AnswerBody> =>
  new Uint8Array(await response.arrayBuffer());

const send = async (body: AnswerBody, stream: Writable): Promise<void> => {
  // Only `write` brings Lambda to send the status and the headers.
  if (body instanceof Uint8Array) stream.write(body);
  else if (!(await sendPieces(body, stream))) return;
  stream.end();
};

/** Whoever made the answer has logged why it broke off; the client sees that it is not whole. */
const sendPieces = async (pieces: AsyncIterable<Uint8Array>, stream: Writable): Promise<boolean> => {
  try {
    for await (const piece of pieces) await writeTo(stream, piece);
    return true;
  } catch (error) {
    stream.destroy(error as Error);
    return false;
  }
};

/** Waits until there is room for more. */
const writeTo = (stream: Writable, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const hasRoom = stream.write(piece, (error) => (error ? reject(error) : resolve()));
    if (hasRoom) resolve();
  });
