import { describe, expect, it } from 'vitest';
import { afterPoll } from '../../lib/videos/polling.ts';
import { afterCopy } from '../../lib/videos/result-copy.ts';
import { aRender, aRunningTask, startMs } from '../support/a-task.ts';

const minute = 60_000;
const link = 'https://cdn.example/video.mp4';
const copyUrl = 'https://gateway.example/files/result_1';
const ready = { status: 'succeeded', resultUrl: link, units: '2.5' } as const;
const failed = afterCopy(ready, { status: 'failed', detail: 'HTTP 404' });

describe('a finished video', () => {
  it('has the link to its copy', () => {
    const finding = afterCopy(ready, { status: 'copied', url: copyUrl });
    expect(afterPoll(aRunningTask(), finding, 0, startMs)).toMatchObject({
      result: { status: 'SUCCESS', url: copyUrl },
    });
  });

  it('that can never be copied has the provider’s link at once', () => {
    const finding = afterCopy(ready, { status: 'impossible', detail: 'too large' });
    expect(afterPoll(aRunningTask(), finding, 0, startMs)).toMatchObject({
      result: { status: 'SUCCESS', url: link },
    });
  });
});

describe('a finished video that could not be copied yet', () => {
  it('is not handed out, and its task goes on', () => {
    const task = afterPoll(aRunningTask(), failed, 0, startMs);
    expect(task).toMatchObject({ state: 'running', render: { startedAtMs: startMs }, uncopiedUrl: link });
    expect(task).not.toHaveProperty('result');
  });

  it('is written down once', () => {
    const task = aRunningTask({ render: { ...aRender, startedAtMs: startMs }, uncopiedUrl: link });
    const later = afterCopy({ ...ready, resultUrl: `${link}?fresh` }, { status: 'failed', detail: '' });
    expect(afterPoll(task, later, 0, startMs)).toBeUndefined();
  });

  it('has the provider’s link at the deadline', () => {
    const task = aRunningTask({ deadlineAtMs: startMs + minute });
    expect(afterPoll(task, failed, 0, startMs + minute)).toMatchObject({
      result: { status: 'SUCCESS', url: link },
    });
  });

  it.each([
    [{ status: 'unanswered', detail: '' }, 0],
    [{ status: 'running' }, 0],
    [{ status: 'not-found' }, 0],
    [{ status: 'not-found' }, 4],
  ] as const)('has it even when the provider then answers %j', (answer, notFoundBefore) => {
    const task = aRunningTask({ uncopiedUrl: link, deadlineAtMs: startMs + minute });
    const ended = afterPoll(task, answer, notFoundBefore, startMs + minute);
    expect(ended).toMatchObject({ result: { status: 'SUCCESS', url: link } });
    expect(ended).not.toHaveProperty('uncopiedUrl');
  });

  it('is given up when the provider has forgotten it before the deadline', () => {
    const task = aRunningTask({ uncopiedUrl: link });
    expect(afterPoll(task, { status: 'not-found' }, 4, startMs)).toMatchObject({ result: { url: link } });
  });
});
