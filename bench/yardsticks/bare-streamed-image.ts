import { Agent, request } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { currentEnvironment } from '../../lib/config.ts';

/** The least that can be called a streaming handler: asks the provider and hands its bytes on as they come. */
const agent = new Agent({ keepAlive: true });
const upstream = new URL(`${currentEnvironment()['OPENAI_BASE_URL']}/images/generations`);

export const handler = awslambda.streamifyResponse(
  async ({ body = '' }: { body?: string }, stream: Writable): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = request(upstream, { agent, method: 'POST' }, (answer) => {
      const headers = { 'content-type': answer.headers['content-type'] ?? '' };
      const prelude = { statusCode: answer.statusCode ?? 502, headers };
      pipeline(answer, awslambda.HttpResponseStream.from(stream, prelude)).then(resolve, reject);
    });
    call.on('error', reject).end(body);
    await promise;
  },
);
