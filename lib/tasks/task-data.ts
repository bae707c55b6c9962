import { toEpochSeconds } from '../time.ts';
import { progressPercent } from './progress.ts';
import { isEnded, statusOf, type Task, type TaskImage, type TaskStatus, type VideoAction } from './task.ts';

/** ClearMaas's public view of a task: the poll answer's `data`, and (with `id`) that of an event. */
export type TaskData = {
  task_id: string;
  model: string;
  action: VideoAction;
  status: TaskStatus;
  /** Whole percent with its sign, for example `30%`. */
  progress: string;
  result_url?: string;
  /** Of an image task. */
  images?: { url: string; revised_prompt?: string }[];
  fail_reason?: string;
  /** Unix seconds; 0 while not reached. */
  submit_time: number;
  start_time: number;
  finish_time: number;
  /** The caller's own reference, as given in `metadata.external_task_id`. */
  external_task_id?: string;
};

export const taskData = (task: Task, nowMs: number): TaskData => ({
  task_id: task.id,
  model: task.model,
  action: task.kind === 'video' ? task.action : 'textGenerate',
  status: statusOf(task),
  progress: `${progressPercent(task, nowMs)}%`,
  ...resultData(task),
  submit_time: toEpochSeconds(task.createdAtMs),
  start_time: toEpochSeconds(startedAtMs(task) ?? 0),
  finish_time: isEnded(task) ? toEpochSeconds(task.endedAtMs) : 0,
  ...(task.kind === 'video' &&
    task.callerReference !== undefined && { external_task_id: task.callerReference }),
});

const resultData = (task: Task): Pick<TaskData, 'result_url' | 'images' | 'fail_reason'> => {
  if (!isEnded(task)) return {};
  const { result } = task;
  if (result.status === 'FAILURE') return { fail_reason: result.reason };
  if ('url' in result) return { result_url: result.url };
  return { result_url: result.images[0]?.url ?? '', images: result.images.map(imageData) };
};

const imageData = ({ url, revisedPrompt }: TaskImage) => ({
  url,
  ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
});

/** A render that ended between two polls was never seen running: it began, at the latest, when it was submitted. */
const startedAtMs = (task: Task): number | undefined => {
  if (task.kind === 'image') return task.startedAtMs;
  if (task.state === 'running') return task.render.startedAtMs;
  return task.state === 'ended' ? (task.render?.startedAtMs ?? task.render?.submittedAtMs) : undefined;
};

/** Where a finished task's result lies: the video, or the first image. */
export const resultUrlOf = (task: Task): string | undefined => resultData(task).result_url;
