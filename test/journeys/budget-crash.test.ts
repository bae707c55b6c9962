import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { minuteMs } from '../../lib/time.ts';
import { localWorkspaceId } from '../../local/local-workspace.ts';
import { aGatewayToKill } from '../support/killed-gateway.ts';
import { patience } from '../support/patience.ts';

const run = promisify(execFile);
const submits = 50;
const capUsd = '2.1';
/** Polls that were lost are missed after three minutes. */
const missedMs = 6 * minuteMs;

type Budget = { spent_usd: string; remaining_usd: string; tasks_under_way: number };

it('50 submits against room for 10 make exactly 10 videos, although the gateway is killed amid them and amid their ends', async () => {
  const { kling, variables, gateway, restart } = await aGatewayToKill(submits);
  const keys = async (...args: string[]): Promise<Budget> => {
    const program = fileURLToPath(new URL('../../operator/keys.ts', import.meta.url));
    const options = { env: { ...currentEnvironment(), ...variables } };
    const { stdout } = await run(process.execPath, [program, ...args, '--json'], options);
    return JSON.parse(stdout);
  };
  await keys('workspace', 'set', localWorkspaceId, '--cap-usd', `${capUsd}/month`);

  /** As a careful client does: the same request with the same key, until it is clearly accepted or refused. */
  const submit = async (index: number): Promise<number> => {
    for (;;) {
      try {
        const { status } = await fetch(`${gateway().url}/v1/video/generations`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${gateway().apiKey}`,
            'content-type': 'application/json',
            'idempotency-key': `boat-${index}`,
          },
          body: JSON.stringify({ model: 'kling/kling-v2-6', prompt: `boat ${index}` }),
          signal: AbortSignal.timeout(10_000),
        });
        if (status === 200 || status === 402) return status;
      } catch {
        // It was killed.
      }
      await pause(100);
    }
  };
  const submitAll = () => Promise.all(Array.from({ length: submits }, (_, index) => submit(index)));

  const first = submitAll();
  await pause(150);
  await restart(minuteMs);
  await first;
  // What was refused while a killed request still held some of the budget is sent again.
  await restart(2 * minuteMs);
  const statuses = await submitAll();
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);

  await pause(500);
  await restart(missedMs);
  const made = await vi.waitFor(async () => {
    const budget = await keys('workspace', 'show', localWorkspaceId);
    expect(budget.tasks_under_way).toBe(0);
    return budget;
  }, patience);
  const usage = await fetch(`${gateway().url}/v1/usage`, {
    headers: { authorization: `Bearer ${gateway().apiKey}` },
  });
  expect(await usage.json()).toMatchObject({ total_usd: made.spent_usd, data: expect.anything() });
  expect(kling.requests.filter(({ method }) => method === 'POST').length).toBeGreaterThanOrEqual(10);
  expect(Number(made.spent_usd)).toBeGreaterThan(0);
});
