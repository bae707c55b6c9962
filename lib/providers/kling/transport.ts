import type { HttpClient, HttpRequest, NoAnswer } from '../http/client.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { Authorization } from './authorization.ts';

type KlingCall = Pick<HttpRequest, 'method' | 'body' | 'deadlineMs'> & { path: string };
type Transport = (call: KlingCall) => Promise<Answer | NoAnswer>;

type TransportOptions = { baseUrl: string; authorization: Authorization; http: HttpClient };

const maxAnswerBytes = 1_048_576;
const tokenNotYetValid = 1003;
const tokenExpired = 1004;

/** Asks Kling. A token that Kling's clock refuses is signed anew and the request repeated once. */
export const createTransport = ({ baseUrl, authorization, http }: TransportOptions): Transport => {
  const send: Transport = async ({ path, ...call }) => {
    const answer = await http({
      ...call,
      url: `${baseUrl}${path}`,
      headers: { authorization: authorization.header(), 'content-type': 'application/json' },
      maxAnswerBytes,
    });
    return 'noAnswer' in answer ? answer : readAnswer(answer);
  };
  return async (call) => {
    const answer = await send(call);
    const isRefusedToken =
      'code' in answer && (answer.code === tokenNotYetValid || answer.code === tokenExpired);
    return isRefusedToken && authorization.renew() ? send(call) : answer;
  };
};
