import { progressPercent } from '../../tasks/progress.ts';
import { isEnded, isWaiting, type VideoTask } from '../../tasks/task.ts';
import { type UsageData, usageOf } from '../../tasks/task-data.ts';
import { statusOf, type TaskStatus } from '../../tasks/task-status.ts';
import { toEpochSeconds } from '../../time.ts';

/** A video as OpenAI's SDKs know it: `Video` of https://platform.openai.com/docs/api-reference/videos/object. `livemode` and `usage` are ours. */
type VideoObject = {
  id: string;
  object: 'video';
  model: string;
  status: 'queued' | 'in_progress' | 'completed' | 'failed';
  progress: number;
  created_at: number;
  completed_at: number | null;
  expires_at: number | null;
  prompt: string | null;
  remixed_from_video_id: null;
  seconds: string;
  size: string;
  error: { code: string; message: string } | null;
  livemode: boolean;
  /** Once it has ended. */
  usage?: UsageData;
};

/** OpenAI's helpers take any other word for an end. */
const statuses: Record<TaskStatus, VideoObject['status']> = {
  NOT_START: 'queued',
  UNKNOWN: 'queued',
  SUBMITTED: 'queued',
  IN_PROGRESS: 'in_progress',
  SUCCESS: 'completed',
  FAILURE: 'failed',
};

export const acceptedVideo = (
  task: Pick<VideoTask, 'id' | 'model' | 'createdAtMs' | 'seconds' | 'size' | 'livemode'>,
  prompt: string | null,
): VideoObject => ({
  id: task.id,
  object: 'video',
  model: task.model,
  status: 'queued',
  progress: 0,
  created_at: toEpochSeconds(task.createdAtMs),
  completed_at: null,
  expires_at: null,
  prompt,
  remixed_from_video_id: null,
  seconds: String(task.seconds),
  size: task.size,
  error: null,
  livemode: task.livemode,
});

export const videoObject = (task: VideoTask, nowMs: number): VideoObject => ({
  ...acceptedVideo(task, promptOf(task)),
  status: statuses[statusOf(task)],
  progress: progressPercent(task, nowMs),
  ...(isEnded(task) && endOf(task)),
});

const endOf = (task: Extract<VideoTask, { state: 'ended' }>) => {
  const { result, endedAtMs, expiresAtSeconds } = task;
  const completed_at = toEpochSeconds(endedAtMs);
  const usage = usageOf(task);
  return result.status === 'SUCCESS'
    ? { completed_at, expires_at: expiresAtSeconds, usage }
    : { completed_at, error: { code: result.code, message: result.reason }, usage };
};

/** Erased once the provider has it. */
const promptOf = (task: VideoTask): string | null => {
  const prompt = isWaiting(task) ? task.request.parameters['prompt'] : undefined;
  return typeof prompt === 'string' ? prompt : null;
};
