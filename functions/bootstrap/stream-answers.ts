import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';

type App = { fetch(request: Request): Response | Promise<Response> };
type FromLambda = { Bindings: { event: LambdaFunctionURLEvent } };
type Break = (error: unknown) => void;
type Invocation = { method: string; onBreak: Break };

/**
 * The handler of a Function URL with response streaming: Hono's, but for an answer that breaks off. Hono destroys the
 * stream then, and Lambda's runtime client ends the whole environment over it. Here the invocation fails instead:
 * Lambda sends what there is, reports the error, and keeps the environment for the next request.
 */
export const streamAnswers = (app: App) => {
  const invocations = new WeakMap<LambdaFunctionURLEvent, Invocation>();
  const answer = streamHandle(
    new Hono<FromLambda>().all('*', async (c) => {
      const { method: value, onBreak } = invocations.get(c.env.event) ?? {};
      const request = c.req.raw;
      // The app may name it, though no `Request` can be made with it.
      if (request.method === unsupported) Object.defineProperty(request, 'method', { value });
      return stopAtBreak(await app.fetch(request), (error) => onBreak?.(error));
    }),
  );
  return awslambda.streamifyResponse(async (given: LambdaFunctionURLEvent, stream, context) => {
    const event = asRequest(given);
    const broken = Promise.withResolvers<never>();
    invocations.set(event, { method: given.requestContext.http.method, onBreak: broken.reject });
    // Hono's type knows no stream.
    await Promise.race([Reflect.apply(answer, undefined, [event, stream, context]), broken.promise]);
  });
};

/** Where the body breaks off, it stays open: nobody may take what there is for a whole answer. */
const stopAtBreak = ({ body, status, headers }: Response, onBreak: Break): Response =>
  new Response(body && ReadableStream.from(untilBreak(body, onBreak)), { status, headers });

const untilBreak = async function* (body: ReadableStream<Uint8Array>, onBreak: Break) {
  try {
    yield* body;
  } catch (error) {
    onBreak(error);
    await new Promise(() => {});
  }
};

const methodsWithoutBody = new Set(['GET', 'HEAD']);
const unsupported = 'UNSUPPORTED';
const methodsOfNoRequest = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * What `Request` refuses must not reach Hono, which would answer 200 to it: a body of a GET, and some methods.
 * And Hono leaves out a header without a value; one of a blank is read as such.
 */
const asRequest = ({ body, ...event }: LambdaFunctionURLEvent): LambdaFunctionURLEvent => {
  const { requestContext } = event;
  const { http } = requestContext;
  const method = methodsOfNoRequest.has(http.method.toUpperCase()) ? unsupported : http.method;
  return {
    ...event,
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name, value || ' '])),
    requestContext: { ...requestContext, http: { ...http, method } },
    ...(body !== undefined && !methodsWithoutBody.has(method) && { body }),
  };
};
