import { expect, test } from 'vitest';
import type { SendEvent } from '../../lib/callbacks/send-event.ts';
import { minuteMs } from '../../lib/time.ts';
import { createFollow } from '../../operator/listen/follow.ts';
import { createForward } from '../../operator/listen/forward.ts';
import { AwayError, type FeedEvent, type Page, RefusedError } from '../../operator/listen/gateway.ts';
import { createReport } from '../../operator/listen/report.ts';
import { createSigning } from '../../operator/listen/signing.ts';
import type { ListenState } from '../../operator/listen/state-file.ts';
import { startMs } from '../support/a-task.ts';

const event = (id: string, task = id, type = 'video.failed'): FeedEvent => ({ id, type, data: { id: task } });
const secret = (name: string, previousEndsAtMs?: number) => ({
  secret: `whsec_${name}`,
  previousEndsAtMs,
  gatewayNowMs: startMs,
});

type Answer = number | 'nobody';
type Setting = {
  pages: (Partial<Page> | Error)[];
  answer(eventId: string, attempt: number): Answer;
  begin?: ListenState;
};

/** A whole listener on a clock that only its pauses move; it ends when the gateway has no further page. */
const run = async ({ pages, answer, begin = { after: 'start', done: [] } }: Setting) => {
  let nowMs = startMs;
  const now = () => nowMs;
  const lines: string[] = [];
  const states: ListenState[] = [];
  const sent: string[] = [];
  const asked: string[] = [];
  const print = (line: string) => void lines.push(line);
  const pause = async (ms: number) => {
    nowMs += ms;
    await new Promise(setImmediate);
  };
  const attempts = new Map<string, number>();
  const send: SendEvent = async ({ id }) => {
    await new Promise(setImmediate);
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    sent.push(id);
    const given = answer(id, attempt);
    const times = { startedAtMs: nowMs, endedAtMs: nowMs, durationsMs: { total: 5 } };
    if (given !== 'nobody') return { ...times, answer: { statusCode: given } };
    return { ...times, failure: { stage: 'connect', code: 'ECONNREFUSED' } };
  };
  const gateway = {
    async events(after: string): Promise<Page> {
      asked.push(after);
      const next = pages.shift();
      if (next === undefined) {
        // Whatever is under way comes to its end first.
        for (let turn = 0; turn < 500 && follow.unsettled() > 0; turn += 1) await new Promise(setImmediate);
        throw new RefusedError('no more pages');
      }
      if (next instanceof Error) throw next;
      return { events: [], cursor: 'end', retryAfterMs: 0, ...next };
    },
  };
  const report = createReport({ print, now });
  const signing = async () => ({ id: 'ws', createdAtMs: 0, livemode: true, callbackSecret: 'whsec_a' });
  const forward = createForward({ receiverUrl: 'http://127.0.0.1:9000/', send, signing, report, now, pause });
  const state = { write: (written: ListenState) => void states.push(written) };
  const follow = createFollow(begin, { gateway, state, forward, print, pause });
  await expect(follow.run()).rejects.toThrow('no more pages');
  return { lines, sent, asked, last: states.at(-1), passedMs: nowMs - startMs, left: follow.unsettled() };
};

test('an event that the receiver always refuses is given up after a minute, told, and blocks no other', async () => {
  const { lines, sent, last } = await run({
    pages: [
      { events: [event('evt_bad'), event('evt_good')], cursor: 'c1' },
      { events: [event('evt_next')], cursor: 'c2' },
    ],
    answer: (id) => (id === 'evt_bad' ? 500 : 204),
  });
  expect(sent.indexOf('evt_next')).toBeLessThan(sent.lastIndexOf('evt_bad'));
  expect(lines.filter((line) => line.includes('evt_bad'))).toHaveLength(2);
  expect(lines.find((line) => line.includes('Given up'))).toContain('your server answered 500');
  expect(last).toEqual({ after: 'c2', done: [] });
});

test('an event waits for as long as nobody is there to receive it', async () => {
  const { sent, lines, passedMs, last } = await run({
    pages: [{ events: [event('evt_1')], cursor: 'c1' }],
    answer: (_id, attempt) => (attempt < 30 ? 'nobody' : 200),
  });
  expect(sent).toHaveLength(30);
  expect(passedMs).toBeGreaterThan(5 * minuteMs);
  expect(lines).toHaveLength(2);
  expect(last).toEqual({ after: 'c1', done: [] });
});

test('a 410 ends an event at once', async () => {
  const { sent } = await run({ pages: [{ events: [event('evt_1')], cursor: 'c1' }], answer: () => 410 });
  expect(sent).toEqual(['evt_1']);
});

test('events of one task arrive in their order, however often the first is refused', async () => {
  const events = [event('evt_1', 'task_a', 'video.in_progress'), event('evt_2', 'task_a')];
  const { sent } = await run({
    pages: [{ events, cursor: 'c1' }],
    answer: (id, attempt) => (id === 'evt_1' && attempt < 4 ? 503 : 200),
  });
  expect(sent).toEqual(['evt_1', 'evt_1', 'evt_1', 'evt_1', 'evt_2']);
});

test('what was done before a restart, and what the feed repeats, is not sent again', async () => {
  const { sent, last } = await run({
    begin: { after: 'c0', done: ['evt_1'] },
    pages: [
      { events: [event('evt_1'), event('evt_2')], cursor: 'c1' },
      { events: [event('evt_3')], cursor: 'c2' },
    ],
    answer: () => 200,
  });
  expect(sent).toEqual(['evt_2', 'evt_3']);
  expect(last).toEqual({ after: 'c2', done: [] });
});

test('a gateway that is away is asked again from the same place', async () => {
  const { asked, lines } = await run({
    pages: [
      { cursor: 'c1' },
      new AwayError('it cannot be reached (ECONNREFUSED)'),
      new AwayError('again'),
      { cursor: 'c2' },
    ],
    answer: () => 200,
  });
  expect(asked).toEqual(['start', 'c1', 'c1', 'c1', 'c2']);
  expect(lines).toEqual([
    'The gateway is away: it cannot be reached (ECONNREFUSED). Trying again.',
    'The gateway answers again.',
  ]);
});

test('a rotated secret is told, and both sign for as long as the gateway says', async () => {
  let nowMs = startMs;
  const lines: string[] = [];
  const signing = createSigning({
    gateway: { secret: async () => secret('new', startMs + 2 * minuteMs) },
    first: secret('old'),
    now: () => nowMs,
    print: (line) => void lines.push(line),
  });
  expect(await signing()).toMatchObject({ callbackSecret: 'whsec_old' });
  nowMs += minuteMs;
  expect(await signing()).toMatchObject({
    callbackSecret: 'whsec_new',
    previousCallbackSecret: { secret: 'whsec_old', endsAtMs: startMs + 2 * minuteMs },
  });
  expect(lines.join()).toContain('The signing secret was rotated. Both sign until 2026-11-22T12:02:00.000Z');
  expect(lines.join()).not.toContain('whsec_');
});
