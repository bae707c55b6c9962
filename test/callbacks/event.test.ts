import { describe, expect, it } from 'vitest';
import { taskEvent } from '../../lib/callbacks/event.ts';
import type { Delivery } from '../../lib/tasks/delivery.ts';
import type { RunningVideo, Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import { afterPoll } from '../../lib/videos/polling.ts';
import { aRunningTask, startMs } from '../support/a-task.ts';

const resultUrl = 'https://videos.example/1.mp4';

/** The client wants to hear of the start alone. */
const started = afterPoll(
  aRunningTask({ callback: { url: 'https://hooks.example.com', events: ['video.in_progress'] } }),
  { status: 'running' },
  0,
  startMs + 20_000,
) as RunningVideo;
const delivery = started.delivery as Delivery;
const ended = afterPoll(started, { status: 'succeeded', resultUrl }, 0, startMs + 60_000) as Task;

describe('a progress event that is delivered late', () => {
  it('has the same bytes although the task has ended meanwhile', () => {
    expect(statusOf(ended)).toBe('SUCCESS');
    expect(taskEvent(ended, delivery).body.toString()).toBe(taskEvent(started, delivery).body.toString());
  });
  it('tells of the start and of nothing later', () => {
    const { data } = JSON.parse(taskEvent(ended, delivery).body.toString());
    expect(data).toMatchObject({ status: 'IN_PROGRESS', start_time: startMs / 1000 + 20, finish_time: 0 });
    expect(data).not.toHaveProperty('result_url');
  });
});
