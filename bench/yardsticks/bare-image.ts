import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { currentEnvironment } from '../../lib/config.ts';

/** A handler that asks the provider and answers what it said, as a whole: text in JSON, as Lambda wants it. */
const agent = new Agent({ keepAlive: true });
const upstream = new URL(`${currentEnvironment()['OPENAI_BASE_URL']}/images/generations`);

export const handler = async ({ body = '' }: { body?: string }): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<{ statusCode: number; body: string }>();
  const call = request(upstream, { agent, method: 'POST' }, async (answer) =>
    resolve({ statusCode: answer.statusCode ?? 502, body: await text(answer) }),
  );
  call.on('error', reject).end(body);
  return JSON.stringify(await promise);
};
