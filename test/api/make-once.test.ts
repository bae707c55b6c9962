import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKeptAnswers, type EndedRequest, makingLeaseMs } from '../../lib/api/images/kept-answers.ts';
import { createMakeOnce } from '../../lib/api/images/make-once.ts';
import { dayMs, secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { silentLog } from '../support/silent-log.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

const clock = { nowMs: startMs };
const now = () => clock.nowMs;
const once = () => {
  const keptAnswers = createKeptAnswers(cloud.table, now, 30);
  let waitedMs = 0;
  const pause = async (ms: number) => {
    waitedMs += ms;
  };
  return {
    keptAnswers,
    makeOnce: createMakeOnce({ keptAnswers, now, log: silentLog, pause }),
    waitedMs: () => waitedMs,
  };
};
const request = (id: string) => ({ id, requestHash: 'hash', model: 'openai/gpt-image-2' });
const made: EndedRequest = {
  state: 'made',
  requestHash: 'hash',
  answer: {
    created: 1,
    format: 'url',
    images: [{ fileId: 'file_1' }],
    described: {},
    warnings: [],
    headers: {},
  },
};
const never = () => Promise.reject(new Error('made twice'));

it('answers 409 with Retry-After when the first takes longer than a connection lasts', async () => {
  const { keptAnswers, makeOnce, waitedMs } = once();
  await keptAnswers.begin('long', 'hash');
  await expect(makeOnce(request('long'), never)).rejects.toMatchObject({
    status: 409,
    code: 'request_in_progress',
    headers: { 'retry-after': '30' },
  });
  expect(waitedMs()).toBe(285 * secondMs);
});

it('makes nothing again when the first has crashed, and says that it may have been charged', async () => {
  const { keptAnswers, makeOnce } = once();
  await keptAnswers.begin('crashed', 'hash');
  clock.nowMs += makingLeaseMs;
  await expect(makeOnce(request('crashed'), never)).rejects.toMatchObject({
    status: 502,
    headers: { 'x-should-retry': 'false' },
  });
  clock.nowMs = startMs;
});

it('keeps an answer as long as tasks are kept', async () => {
  const { makeOnce } = once();
  expect(await makeOnce(request('kept'), async () => async () => made)).toEqual({
    ended: made,
    isReplay: false,
  });
  clock.nowMs += 30 * dayMs - 1_000;
  expect(await makeOnce(request('kept'), never)).toMatchObject({ ended: made, isReplay: true });
  clock.nowMs += 1_000;
  expect(await makeOnce(request('kept'), async () => async () => made)).toMatchObject({ isReplay: false });
  clock.nowMs = startMs;
});

it('begins anew for a repeat whose first asked for nothing in the end', async () => {
  const { keptAnswers, makeOnce } = once();
  const claim = await keptAnswers.begin('forgotten', 'hash');
  if ('state' in claim) throw new Error('somebody has it already');
  const repeat = makeOnce(request('forgotten'), async () => async () => made);
  await keptAnswers.forget(claim);
  expect(await repeat).toMatchObject({ isReplay: false });
});
