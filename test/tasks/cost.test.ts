import { describe, expect, it } from 'vitest';
import { expire, failTask } from '../../lib/tasks/settlement.ts';
import { taskData } from '../../lib/tasks/task-data.ts';
import { afterPoll } from '../../lib/videos/polling.ts';
import { aRunningTask, aTask, startMs } from '../support/a-task.ts';

const price = { listMicroUsd: 350_000, unitMicroUsd: 140_000 };
const succeeded = { status: 'succeeded', resultUrl: 'https://cdn.example/video.mp4' } as const;
const failed = { status: 'failed', reason: 'no' } as const;
const byOperator = { code: 'failed_by_operator', reason: 'no' } as const;
const usageAfter = (
  outcome: Parameters<typeof afterPoll>[1],
  changes = { price } as Partial<ReturnType<typeof aRunningTask>>,
) => {
  const ended = afterPoll(aRunningTask(changes), outcome, 0, startMs);
  return ended && taskData(ended, startMs).usage;
};

describe('what a video cost', () => {
  it('is what the provider charged, at the price of its unit', () => {
    expect(usageAfter({ ...succeeded, units: '3.2' })).toEqual({
      seconds: 5,
      provider_units: '3.2',
      cost_usd: '0.448',
      source: 'provider',
      livemode: true,
    });
  });

  it('is the list price at its acceptance where the provider does not say', () => {
    expect(usageAfter(succeeded)).toMatchObject({
      cost_usd: '0.35',
      provider_units: null,
      source: 'price_list',
    });
  });

  it('is not known without a price', () => {
    expect(usageAfter(succeeded, { price: { listMicroUsd: null } })).toMatchObject({
      cost_usd: null,
      source: null,
    });
  });

  it('is nothing for a failure, unless the provider charged for it', () => {
    expect(usageAfter(failed)).toMatchObject({ seconds: 0, cost_usd: '0', source: 'price_list' });
    expect(usageAfter({ ...failed, units: '1' })).toMatchObject({
      seconds: 0,
      cost_usd: '0.14',
      source: 'provider',
    });
  });

  it('is not known where the provider had the video and did not tell its end', () => {
    const late = { price, deadlineAtMs: startMs };
    const unknown = { seconds: 0, cost_usd: null, source: null };
    expect(usageAfter({ status: 'running' }, late)).toMatchObject(unknown);
    const lost = afterPoll(aRunningTask({ price }), { status: 'not-found' }, 1_000, startMs);
    expect(lost && taskData(lost, startMs).usage).toMatchObject(unknown);
    expect(failTask(aRunningTask({ price }), byOperator, startMs).cost).toEqual({ microUsd: null });
  });

  it('is nothing where the provider never had it, or is the sandbox', () => {
    expect(expire(aTask({ price }), startMs).cost).toMatchObject({ microUsd: 0 });
    const isTest = { livemode: false, price, deadlineAtMs: startMs };
    expect(usageAfter({ status: 'running' }, isTest)).toMatchObject({ cost_usd: '0', livemode: false });
  });

  it('is kept while a copy of the video is waited for', () => {
    const notCopied = { ...succeeded, status: 'not-copied', units: '2.5' } as const;
    const running = afterPoll(aRunningTask({ price }), notCopied, 0, startMs);
    if (running?.state !== 'running') throw new Error('the task has ended');
    const expired = afterPoll(
      { ...running, deadlineAtMs: startMs },
      { status: 'unanswered', detail: '' },
      0,
      startMs,
    );
    expect(expired).toMatchObject({ cost: { microUsd: 350_000, source: 'provider', units: '2.5' } });
  });

  it('is not told before the end', () => {
    expect(taskData(aRunningTask({ price }), startMs)).not.toHaveProperty('usage');
  });
});
