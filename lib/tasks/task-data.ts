import { toEpochSeconds } from '../time.ts';
import { progressPercent } from './progress.ts';
import { isEnded, type Task, type TaskImage } from './task.ts';

/** ClearMaas's public view of a task: the poll answer's `data`, and (with `id`) that of an event. */
export type TaskData = {
  task_id: string;
  model: string;
  action: Task['action'];
  status: Task['status'];
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

const secondsOrZero = (epochMs: number | undefined): number => toEpochSeconds(epochMs ?? 0);

export const taskData = (task: Task, nowMs: number): TaskData => ({
  task_id: task.id,
  model: task.model,
  action: task.action,
  status: task.status,
  progress: `${progressPercent(task, nowMs)}%`,
  ...(task.resultUrl !== undefined && { result_url: task.resultUrl }),
  ...(task.images !== undefined && { images: task.images.map(imageData) }),
  ...(task.failReason !== undefined && { fail_reason: task.failReason }),
  submit_time: toEpochSeconds(task.createdAtMs),
  start_time: startSeconds(task),
  finish_time: secondsOrZero(task.endedAtMs),
  ...(task.callerReference !== undefined && { external_task_id: task.callerReference }),
});

const imageData = ({ url, revisedPrompt }: TaskImage) => ({
  url,
  ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
});

/** A render that ended between two polls was never seen running: it began, at the latest, when it was submitted. */
const startSeconds = (task: Task): number =>
  secondsOrZero(task.startedAtMs ?? (isEnded(task) ? task.submittedAtMs : undefined));
