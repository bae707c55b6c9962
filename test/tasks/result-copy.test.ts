import { describe, expect, it } from 'vitest';
import { afterPoll } from '../../lib/tasks/polling.ts';
import { afterCopy } from '../../lib/tasks/result-copy.ts';
import { aSubmittedTask, startMs } from '../support/a-task.ts';

const minute = 60_000;
const link = 'https://cdn.example/video.mp4';
const copyUrl = 'https://gateway.example/files/result_1';
const failed = afterCopy(link, { status: 'failed', detail: 'HTTP 404' });

describe('a finished video', () => {
  it('has the link to its copy', () => {
    const finding = afterCopy(link, { status: 'copied', url: copyUrl });
    expect(afterPoll(aSubmittedTask(), finding, 0, startMs)).toMatchObject({
      status: 'SUCCESS',
      resultUrl: copyUrl,
    });
  });

  it('that can never be copied has the provider’s link at once', () => {
    const finding = afterCopy(link, { status: 'impossible', detail: 'too large' });
    expect(afterPoll(aSubmittedTask(), finding, 0, startMs)).toMatchObject({
      status: 'SUCCESS',
      resultUrl: link,
    });
  });
});

describe('a finished video that could not be copied yet', () => {
  it('is not handed out, and its task goes on', () => {
    const task = afterPoll(aSubmittedTask(), failed, 0, startMs);
    expect(task).toMatchObject({ status: 'IN_PROGRESS', uncopiedUrl: link });
    expect(task).not.toHaveProperty('resultUrl');
  });

  it('is written down once', () => {
    const task = aSubmittedTask({ status: 'IN_PROGRESS', uncopiedUrl: link });
    const later = afterCopy('https://cdn.example/video.mp4?fresh', { status: 'failed', detail: '' });
    expect(afterPoll(task, later, 0, startMs)).toBeUndefined();
  });

  it('has the provider’s link at the deadline', () => {
    const task = aSubmittedTask({ deadlineAtMs: startMs + minute });
    expect(afterPoll(task, failed, 0, startMs + minute)).toMatchObject({
      status: 'SUCCESS',
      resultUrl: link,
    });
  });

  it.each([
    [{ status: 'unanswered', detail: '' }, 0],
    [{ status: 'running' }, 0],
    [{ status: 'not-found' }, 0],
    [{ status: 'not-found' }, 4],
  ] as const)('has it even when the provider then answers %j', (answer, notFoundBefore) => {
    const task = aSubmittedTask({ uncopiedUrl: link, deadlineAtMs: startMs + minute });
    const ended = afterPoll(task, answer, notFoundBefore, startMs + minute);
    expect(ended).toMatchObject({ status: 'SUCCESS', resultUrl: link });
    expect(ended).not.toHaveProperty('uncopiedUrl');
  });

  it('is given up when the provider has forgotten it before the deadline', () => {
    const task = aSubmittedTask({ uncopiedUrl: link });
    expect(afterPoll(task, { status: 'not-found' }, 4, startMs)).toMatchObject({ resultUrl: link });
  });
});
