import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import type { PollOutcome, VideoProvider, VideoProviderOf } from '../providers/provider.ts';
import { isEnded, type RunningVideo, type Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { PollMessage, WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import { askUntilDeadline } from './ask-until-deadline.ts';
import {
  afterPoll,
  isBeingCopied,
  isToldByWebhooks,
  isWorthAsking,
  planNextPollMs,
  withCopyLease,
  withNextPoll,
  withPollsWatched,
} from './polling.ts';
import { afterCopy, type CopyResult, type Finding, type ReadyVideo } from './result-copy.ts';

type PollVideoDependencies = {
  tasks: TaskStore;
  providerOf: VideoProviderOf<Pick<VideoProvider, 'poll'>>;
  wakeUps: Pick<WakeUps, 'sendPoll'>;
  /** Absent: a task keeps the provider's own link. */
  copyResult?: CopyResult | undefined;
  /** Told only of those whose end says when the render was over: after `lookedAtMs`. */
  onRenderSeen?: (task: Task, lookedAtMs: number) => Promise<void>;
  now: Clock;
  log: Log;
};

const isRunning = (task: Task | undefined): task is RunningVideo =>
  task?.kind === 'video' && task.state === 'running';

/** What came of it, and the task as it was written last. */
type Asked = { outcome: Finding; task: RunningVideo };

/** Asks once how a video is doing; settles it or arranges the next look. */
export const createPollVideo = (dependencies: PollVideoDependencies) => {
  const { tasks, providerOf, wakeUps, copyResult, onRenderSeen, now, log } = dependencies;

  /** `undefined`: another worker is at it. */
  const keep = async (ready: ReadyVideo, seen: RunningVideo): Promise<Asked | undefined> => {
    // What the sandbox made lies with us already.
    if (copyResult === undefined || !seen.livemode) return { outcome: ready, task: seen };
    const lease = await tasks.change(
      seen.id,
      (current) => (isRunning(current) ? withCopyLease(current, now()) : undefined),
      seen,
    );
    if (!lease.changed || !isRunning(lease.task)) return undefined;
    const { task } = lease;
    const startedAtMs = now();
    const copy = await copyResult(ready.resultUrl, task);
    const durationMs = now() - startedAtMs;
    if (copy.status === 'copied') log.event('video.copied', { taskId: task.id, durationMs });
    else
      log.event('video.not-copied', {
        taskId: task.id,
        durationMs,
        outcome: copy.status,
        detail: copy.detail,
      });
    return { outcome: afterCopy(ready, copy), task };
  };

  const ask = async (seen: RunningVideo): Promise<Asked | undefined> => {
    const poll = async () => providerOf(seen).poll(seen.render.operation);
    const answer = await askUntilDeadline(seen, now, poll);
    log.event('video.polled', { taskId: seen.id, ...modeFields(seen), ...outcomeFields(answer) });
    return answer.status === 'succeeded' ? keep(answer, seen) : { outcome: answer, task: seen };
  };

  /** Of an end that was found late, nothing can be learned; nor where copying took its time. */
  const learn = async (seen: RunningVideo, ended: Task, lookedAtMs: number | undefined): Promise<void> => {
    const isFoundLate = isToldByWebhooks(seen) && !seen.webhooks?.endReported;
    if (lookedAtMs === undefined || isFoundLate || seen.uncopiedUrl !== undefined) return;
    await onRenderSeen?.(ended, lookedAtMs);
  };

  /** `anew`: this message goes on even where a newer generation has begun. */
  const arrangeNext = async (
    task: RunningVideo,
    { generation, notFound, lookedAtMs }: Omit<PollMessage, 'taskId'>,
    { anew = false } = {},
  ): Promise<void> => {
    const atMs = planNextPollMs(task, now());
    const watch = await tasks.change(
      task.id,
      (current) => {
        if (!isRunning(current)) return undefined;
        const isNewer = current.pollGeneration !== generation;
        return anew && isNewer ? withNextPoll(current, atMs) : withPollsWatched(current, generation, atMs);
      },
      task,
    );
    // Another message of this generation goes on with it, or one of a newer generation does.
    if (!isRunning(watch.task) || (!watch.changed && watch.task.pollGeneration !== generation)) return;
    await wakeUps.sendPoll(
      { taskId: task.id, generation: watch.task.pollGeneration, notFound, lookedAtMs },
      (atMs - now()) / secondMs,
    );
  };

  /** The worker that copies may die: somebody looks when its lease is over. */
  const comeBack = async (message: PollMessage): Promise<void> => {
    const task = await tasks.find(message.taskId);
    if (isRunning(task)) await arrangeNext(task, { ...message, notFound: 0 });
  };

  return async (message: PollMessage): Promise<void> => {
    const seen = await tasks.find(message.taskId);
    if (!isRunning(seen) || seen.pollGeneration !== message.generation) return;
    if (isBeingCopied(seen, now()) || !isWorthAsking(seen, now()))
      return arrangeNext(seen, { ...message, notFound: 0 });
    const askedAtMs = now();
    const asked = await ask(seen);
    if (asked === undefined) return comeBack(message);
    const { outcome } = asked;
    const { changed, task } = await tasks.change(
      seen.id,
      (current) => (isRunning(current) ? afterPoll(current, outcome, message.notFound, now()) : undefined),
      asked.task,
    );
    if (changed && isEnded(task)) return learn(seen, task, message.lookedAtMs);
    if (!isRunning(task)) return;
    const isUnderWay = outcome.status === 'running' || outcome.status === 'queued';
    const next = {
      generation: message.generation,
      notFound: outcome.status === 'not-found' ? message.notFound + 1 : 0,
      lookedAtMs: isUnderWay ? askedAtMs : message.lookedAtMs,
    };
    // Messages that came during the copy wait for its lease to end, which it has now.
    await arrangeNext(task, next, { anew: outcome.status === 'not-copied' });
  };
};

/** Result links are credentials of a kind; a reason is the provider's text about the caller's content. Neither is logged. */
const outcomeFields = (outcome: PollOutcome) => ({
  outcome: outcome.status,
  ...('detail' in outcome && { detail: outcome.detail, code: outcome.code }),
});
