import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { expect, vi } from 'vitest';
import { patience } from './patience.ts';
import { type ReceivedCall, type Receiver, startReceiver } from './receiver.ts';
import { startTestStack, type TestStackOptions } from './stack.ts';

type Cleanup = (stop: () => Promise<void>) => void;

export type SubmitAnswer = { id: string; task_id: string; object: string; model: string; status: string };
type PollAnswer = {
  code: string;
  data: {
    status: string;
    progress: string;
    result_url?: string;
    fail_reason?: string;
    callback: { state: string; event_id: string | null; attempts: number };
  };
};
type EventBody = {
  id: string;
  object: string;
  type: string;
  data: { id: string; status: string; result_url?: string; fail_reason?: string };
};

/** The product on this machine, and a client that talks to it through OpenAI's package. */
export const startJourney = async (options: TestStackOptions) => {
  const stack = await startTestStack(options);
  const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries: 0 });
  const videos = '/video/generations';

  const submit = (body: object, headers: Record<string, string> = {}) =>
    client.post<SubmitAnswer>(videos, {
      body: { model: 'kling/kling-v2-6', prompt: 'a boat', ...body },
      headers,
    });
  const poll = (taskId: string) => client.get<PollAnswer>(`${videos}/${taskId}`);

  /** What the client knows of a task once `isReached` holds. */
  const pollUntil = (taskId: string, isReached: (data: PollAnswer['data']) => boolean) =>
    vi.waitFor(async () => {
      const { data } = await poll(taskId);
      expect(data).toSatisfy(isReached);
      return data;
    }, patience);

  const verified = ({ body, headers }: ReceivedCall): EventBody =>
    new Webhook(stack.callbackSecret).verify(body, headers as Record<string, string>) as EventBody;

  /** A receiver for one test, and what it is told, signature checked. */
  const receive = async (cleanUp: Cleanup): Promise<Receiver & { nextEvent(): Promise<EventBody> }> => {
    const receiver = await startReceiver();
    cleanUp(receiver.stop);
    return { ...receiver, nextEvent: async () => verified(await receiver.next()) };
  };

  /** What Kling was sent to make this task. */
  const sentToKling = (taskId: string): Record<string, unknown> | undefined =>
    stack.kling.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      .find((body) => body['external_task_id'] === taskId);

  return { stack, client, submit, poll, pollUntil, verified, receive, sentToKling };
};

export type Journey = Awaited<ReturnType<typeof startJourney>>;
