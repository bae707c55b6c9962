import * as z from 'zod/mini';
import { secondMs } from '../../lib/time.ts';
import type { ListenArguments } from './arguments.ts';

const event = z.looseObject({
  id: z.string(),
  type: z.string(),
  data: z.looseObject({ id: z.optional(z.string()) }),
});
const page = z.object({ data: z.array(event), cursor: z.string() });
const secretAnswer = z.object({ secret: z.string(), previous_expires_at: z.nullable(z.number()) });
const refusal = z.object({ error: z.object({ message: z.string() }) });

export type FeedEvent = z.infer<typeof event>;
export type Page = { events: FeedEvent[]; cursor: string; retryAfterMs: number };
export type Secret = { secret: string; previousEndsAtMs: number | undefined; gatewayNowMs: number };

/** The gateway refuses what is asked, and will again. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
/** The gateway did not answer, or asks to come back. */
export class AwayError extends Error {
  override readonly name = 'AwayError';
  readonly retryAfterMs: number;
  constructor(message: string, options: ErrorOptions = {}, retryAfterMs = 0) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

const waitSeconds = 20;
const timeoutMs = (waitSeconds + 20) * secondMs;
const pageSize = 100;

/** The gateway as any client sees it: by its address and an API key. */
export const connectToGateway = ({ gatewayUrl, key, types }: ListenArguments) => {
  const ask = async (path: string): Promise<Response> => {
    const answer = await fetch(`${gatewayUrl}/v1${path}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw new AwayError(`it cannot be reached (${reasonOf(error)})`, { cause: error });
    });
    if (answer.ok) return answer;
    const message = await refusalOf(answer);
    if (answer.status === 429 || answer.status >= 500)
      throw new AwayError(`it answers ${answer.status}: ${message}`, {}, retryAfterMsOf(answer));
    throw new RefusedError(message);
  };

  const askForEvents = (after: string, more: Record<string, string>): Promise<Response> =>
    ask(`/events?${new URLSearchParams({ after, ...(types !== undefined && { types }), ...more })}`);

  return {
    /** Throws if the gateway does not take that cursor or time, or the types. */
    async check(after: string): Promise<void> {
      await askForEvents(after, { limit: '1' });
    },
    /** Waits for some seconds if there is nothing after that cursor or time. */
    async events(after: string): Promise<Page> {
      const answer = await askForEvents(after, { limit: String(pageSize), wait: String(waitSeconds) });
      const { data, cursor } = page.parse(await readJson(answer));
      return { events: data, cursor, retryAfterMs: retryAfterMsOf(answer) };
    },
    async secret(): Promise<Secret> {
      const answer = await ask('/callbacks/secret');
      const { secret, previous_expires_at } = secretAnswer.parse(await readJson(answer));
      return {
        secret,
        previousEndsAtMs: previous_expires_at === null ? undefined : previous_expires_at * secondMs,
        gatewayNowMs: Date.parse(answer.headers.get('date') ?? '') || Date.now(),
      };
    },
  };
};
export type Gateway = ReturnType<typeof connectToGateway>;

/** What is asked at the start, when a gateway that does not answer is a wrong address as likely as a pause. */
export const askAtStart = async <Result>(gatewayUrl: string, ask: () => Promise<Result>): Promise<Result> => {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AwayError)) throw error;
    throw new Error(
      `The gateway at ${gatewayUrl} is away: ${error.message}. Check --url, and that it runs.`,
      { cause: error },
    );
  }
};

const readJson = async (answer: Response): Promise<unknown> => {
  try {
    return await answer.json();
  } catch (error) {
    throw new AwayError(`its answer broke off (${reasonOf(error)})`, { cause: error });
  }
};

const refusalOf = async (answer: Response): Promise<string> => {
  const parsed = refusal.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data.error.message;
  return `${answer.status} without an explanation; is this the address of a gateway?`;
};

const retryAfterMsOf = ({ headers }: Response): number =>
  Math.min(Number(headers.get('retry-after') ?? 0) || 0, 60) * secondMs;

const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
};
