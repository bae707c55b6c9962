import type { PollOutcome } from '../providers/provider.ts';
import type { Task } from '../tasks/task.ts';

/** How a try to copy a video ended. */
export type ResultCopy =
  | { status: 'copied'; url: string }
  /** Worth another try. */
  | { status: 'failed'; detail: string }
  /** No other try would end better. */
  | { status: 'impossible'; detail: string };

/** Copies a finished video from the provider's link to where it lives as long as its task. Never throws. */
export type CopyResult = (link: string, task: Task) => Promise<ResultCopy>;

/** What came of asking: the provider's answer, or a finished video that could not be copied yet. */
export type Finding = PollOutcome | { status: 'not-copied'; resultUrl: string; units?: string };

/** A video that is ready at its provider. */
export type ReadyVideo = Extract<PollOutcome, { status: 'succeeded' }>;

/** What a finished video means after a try to copy it. */
export const afterCopy = (ready: ReadyVideo, copy: ResultCopy): Finding => {
  switch (copy.status) {
    case 'copied':
      return { ...ready, resultUrl: copy.url };
    case 'failed':
      return { ...ready, status: 'not-copied' };
    case 'impossible':
      // The provider's link is better than none.
      return ready;
  }
};
