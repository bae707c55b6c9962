import { type Answer, readAnswer } from './answer.ts';
import type { Authorization } from './authorization.ts';

/** No answer. `notSent`: nothing can have arrived; otherwise it may have. */
export type Silence = { silence: string; notSent: boolean };

export type Transport = (
  method: 'GET' | 'POST',
  path: string,
  signal: AbortSignal,
  body?: string,
) => Promise<Answer | Silence>;

type TransportOptions = { baseUrl: string; authorization: Authorization; fetch: typeof fetch };

const largestBodyBytes = 1_048_576;
const tokenNotYetValid = 1003;
const tokenExpired = 1004;

/** Speaks HTTP with Kling. A token that Kling's clock refuses is signed anew and the request repeated once. */
export const createTransport = ({ baseUrl, authorization, fetch }: TransportOptions): Transport => {
  const send: Transport = async (method, path, signal, body) => {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: authorization.header(), 'content-type': 'application/json' },
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body }),
      });
      return readAnswer(response.status, await readText(response));
    } catch (error) {
      return describeSilence(error);
    }
  };
  return async (...request) => {
    const answer = await send(...request);
    const isRefusedToken =
      'code' in answer && (answer.code === tokenNotYetValid || answer.code === tokenExpired);
    return isRefusedToken && authorization.renew() ? send(...request) : answer;
  };
};

/** A body beyond the limit is not Kling's; what was read of it is unreadable anyway. */
const readText = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largestBodyBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Failures that come before any byte of a request has left. */
const beforeSending = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const describeSilence = (error: unknown): Silence => {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  const code = typeof cause?.code === 'string' ? cause.code : undefined;
  const reason = name === 'TimeoutError' ? 'it took too long' : (code ?? 'the connection failed');
  return {
    silence: `no answer from Kling: ${reason}`,
    notSent: code !== undefined && beforeSending.has(code),
  };
};
