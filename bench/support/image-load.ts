import { Agent, request } from 'node:http';
import { cpuMsOf } from './process-figures.ts';
import { median } from './statistics.ts';

export type ImageGateway = { name: string; pid: number; url: string; headers: Record<string, string> };
type Load = { cpuMs: number; p50Ms: number };

/** Sends a gateway the same image request again and again, so many at once, and answers what one took. */
export const load = async (
  { name, pid, url, headers }: ImageGateway,
  { body, count, atOnce }: { body: object; count: number; atOnce: number },
): Promise<Load> => {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const content = JSON.stringify(body);
  const once = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = request(
      `${url}/v1/images/generations`,
      { agent, method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`${name} answered ${answer.statusCode}`));
        answer.on('end', resolve).resume();
      },
    );
    call.on('error', reject).end(content);
    return promise;
  };
  let left = count;
  const tookMs: number[] = [];
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const startedAtMs = performance.now();
      await once();
      tookMs.push(performance.now() - startedAtMs);
    }
  };
  const before = cpuMsOf(pid);
  await Promise.all(Array.from({ length: atOnce }, work));
  const cpuMs = (cpuMsOf(pid) - before) / count;
  agent.destroy();
  return { cpuMs, p50Ms: median(tookMs) };
};
