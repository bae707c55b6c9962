import type { QueuePosition } from '../queue/queue.ts';
import { submittedAtMs } from '../tasks/progress.ts';
import { isEnded, type Task } from '../tasks/task.ts';
import { secondMs } from '../time.ts';
import { nextPollAtMs } from '../videos/poll-schedule.ts';
import type { ApiContext } from './context.ts';
import { setIgnoredFields } from './ignored-fields.ts';
import type { RequestedVideo } from './requested-video.ts';

/** OpenAI's SDKs give up on longer waits. */
const maxRetryAfterSeconds = 60;

/** Names the model that serves, where it is not the one asked for. */
export const setModelHeader = (c: ApiContext, task: Pick<Task, 'model' | 'resolvedModel'>): void => {
  if (task.resolvedModel !== task.model) c.header('x-clear-resolved-model', task.resolvedModel);
};

/** What of a request for a video is served otherwise than asked for. */
export const setSubmitHeaders = (
  c: ApiContext,
  task: Pick<Task, 'model' | 'resolvedModel'>,
  { prepared, ignored }: Pick<RequestedVideo, 'prepared' | 'ignored'>,
): void => {
  setModelHeader(c, task);
  setIgnoredFields(c, 'x-clear-ignored-metadata', prepared.ignored);
  setIgnoredFields(c, 'x-clear-ignored-fields', [
    ...ignored,
    ...prepared.ignored.map((name) => `metadata.${name}`),
  ]);
};

/**
 * Tells a polling client when to look again: when the poller does or, for a waiting task, when it may start, as far as
 * that is known.
 */
export const setPollHeaders = (c: ApiContext, task: Task, nowMs: number, queued?: QueuePosition): void => {
  if (isEnded(task)) return;
  const beginsAtMs = submittedAtMs(task) ?? queued?.startMs ?? nowMs;
  const pollAtMs = nextPollAtMs({ ...task, submittedAtMs: beginsAtMs }, nowMs);
  const waitSeconds = Math.ceil((pollAtMs - nowMs) / secondMs);
  const seconds = Math.min(waitSeconds, maxRetryAfterSeconds);
  c.header('retry-after', String(seconds));
  c.header('openai-poll-after-ms', String(seconds * secondMs));
};
