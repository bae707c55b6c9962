import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog, recordLines } from '../../lib/observability/log.ts';
import type { CloudPorts } from '../../local/cloud/layout.ts';
import { makeSecrets } from '../../local/data/secrets.ts';
import { readSettings } from '../../local/settings.ts';
import { startStack } from '../../local/stack.ts';
import { benchFile } from './bundles.ts';

export type Counts = Record<string, number>;

/** Counts what goes to DynamoDB and SQS, by operation, as the requests leave this process. */
const startCounting = () => {
  const counts: Counts = {};
  const started = channel('http.client.request.start');
  const count = (message: unknown) => {
    const { request } = message as { request: { getHeader(name: string): unknown } };
    const operation = String(request.getHeader('x-amz-target') ?? '').split('.')[1];
    if (operation !== undefined) counts[operation] = (counts[operation] ?? 0) + 1;
  };
  started.subscribe(count);
  return { counts, stop: () => started.unsubscribe(count) };
};

/** The whole gateway in this process; its cloud, Kling and the client's receiver are outside of it. */
export const startWholeGateway = async (renderSeconds: number) => {
  const cloud = fork(benchFile('support/cloud-process.ts'));
  const outside = fork(benchFile('support/outside-process.ts'), [String(renderSeconds)]);
  const [[ports], [{ klingUrl, receiverUrl }]] = (await Promise.all([
    once(cloud, 'message'),
    once(outside, 'message'),
  ])) as [[CloudPorts], [{ klingUrl: string; receiverUrl: string }]];
  const stack = await startStack({
    settings: readSettings({
      PORT: '0',
      LOG_LEVEL: 'error',
      KLING_BASE_URL: klingUrl,
      KLING_API_KEY: 'kling-key',
      TYPICAL_RENDER_SECONDS: String(renderSeconds),
      RATE_LIMIT_PER_MINUTE: '100000000',
    }),
    secrets: makeSecrets(),
    cloud: { ports },
    log: createLog(recordLines('error')),
  });
  const counting = startCounting();
  // Gives connections up before the gateway does, which could be while a request is on its way.
  const agent = new Agent({ keepAlive: true, timeout: 2_000 });

  const ask = async <Answer>(question: 'count' | 'all'): Promise<Answer> => {
    outside.send(question);
    const [answer] = await once(outside, 'message');
    return answer as Answer;
  };

  const body = JSON.stringify({
    model: 'kling/kling-v2-6',
    prompt: 'A paper boat on a rainy street',
    callback_url: receiverUrl,
  });
  const send = async (idempotencyKey: string): Promise<string> => {
    const sent = httpRequest(`${stack.url}/v1/video/generations`, {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
    });
    sent.end(body);
    const [answer] = await once(sent, 'response');
    const words = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`a task was not accepted: ${answer.statusCode} ${words}`);
    return JSON.parse(words).task_id;
  };
  /** A connection that was idle for long may be closed just as it is used again; the same task is asked for anew. */
  const accept = async (): Promise<string> => {
    const idempotencyKey = randomUUID();
    for (;;)
      try {
        return await send(idempotencyKey);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
      }
  };

  return {
    cloud: stack.cloud,
    counts: counting.counts,
    /** Has so many tasks accepted, and answers their ids. */
    async accept(tasks: number, atOnce: number): Promise<string[]> {
      const taskIds: string[] = [];
      let left = tasks;
      const client = async () => {
        while (left > 0) {
          left -= 1;
          taskIds.push(await accept());
        }
      };
      await Promise.all(Array.from({ length: atOnce }, client));
      return taskIds;
    },
    /** How many tasks the receiver has heard of, and how many events came again. */
    heard: () => ask<{ count: number; repeats: number }>('count'),
    /** Waits until the receiver has heard of so many tasks. */
    async waitUntilHeard(tasks: number, everyMs = 250): Promise<void> {
      while ((await ask<{ count: number }>('count')).count < tasks) await pause(everyMs);
    },
    /** When each task's event arrived, and how many tasks Kling was asked for twice. */
    all: () => ask<{ arrivals: [string, number][]; askedTwice: number }>('all'),
    async stop() {
      counting.stop();
      agent.destroy();
      await stack.stop();
      outside.disconnect();
      cloud.disconnect();
    },
  };
};
export type WholeGateway = Awaited<ReturnType<typeof startWholeGateway>>;
