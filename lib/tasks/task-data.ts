import { formatUsd } from '../money.ts';
import { toEpochSeconds } from '../time.ts';
import { progressPercent } from './progress.ts';
import { type EndedTask, isEnded, type Task, type TaskImage, type VideoAction } from './task.ts';
import type { TaskCost } from './task-money.ts';
import { statusOf, type TaskStatus } from './task-status.ts';

/** ClearMaas's public view of a task: the poll answer's `data`, and (with `id`) that of an event. */
export type TaskData = {
  task_id: string;
  model: string;
  action: VideoAction;
  status: TaskStatus;
  /** `false` where the sandbox made it, for a test key. */
  livemode: boolean;
  /** Whole percent with its sign, for example `30%`. */
  progress: string;
  result_url?: string;
  /** Of an image task. */
  images?: { url: string; revised_prompt?: string }[];
  fail_reason?: string;
  /** Of images that were made: what was not done as asked. Absent: nothing. */
  warnings?: string[];
  /** Unix seconds; 0 while not reached. */
  submit_time: number;
  start_time: number;
  finish_time: number;
  /** The caller's own reference, as given in `metadata.external_task_id`. */
  external_task_id?: string;
  /** Once it has ended. */
  usage?: UsageData;
};

/** What was made, and what it cost. */
export type UsageData = {
  /** Of video; or `images`, how many. */
  seconds?: number;
  images?: number;
  /** What the provider charged, in its own units as decimal text; `null`: it does not say. */
  provider_units: string | null;
  /** Decimal text; `null`: no price is known. */
  cost_usd: string | null;
  source: 'provider' | 'price_list' | null;
  livemode: boolean;
};

export const taskData = (task: Task, nowMs: number): TaskData => ({
  task_id: task.id,
  model: task.model,
  action: task.kind === 'video' ? task.action : 'textGenerate',
  status: statusOf(task),
  livemode: task.livemode,
  progress: `${progressPercent(task, nowMs)}%`,
  ...resultData(task),
  submit_time: toEpochSeconds(task.createdAtMs),
  start_time: toEpochSeconds(startedAtMs(task) ?? 0),
  finish_time: isEnded(task) ? toEpochSeconds(task.endedAtMs) : 0,
  ...(task.kind === 'video' &&
    task.callerReference !== undefined && { external_task_id: task.callerReference }),
  ...(isEnded(task) && { usage: usageOf(task) }),
});

export const usageOf = (task: EndedTask): UsageData => {
  const { microUsd, source, units }: TaskCost = task.cost ?? { microUsd: null };
  return {
    ...amountMade(task),
    provider_units: units ?? null,
    cost_usd: microUsd === null ? null : formatUsd(microUsd),
    source: source ?? null,
    livemode: task.livemode,
  };
};

/** How much of it there is; nothing of a failure. */
export const amountMade = (task: EndedTask): Pick<UsageData, 'seconds' | 'images'> => {
  if (task.kind === 'image')
    return { images: task.result.status === 'SUCCESS' ? task.result.images.length : 0 };
  return { seconds: task.result.status === 'SUCCESS' ? task.seconds : 0 };
};

const resultData = (task: Task): Pick<TaskData, 'result_url' | 'images' | 'fail_reason' | 'warnings'> => {
  if (!isEnded(task)) return {};
  const { result } = task;
  if (result.status === 'FAILURE') return { fail_reason: result.reason };
  if ('url' in result) return { result_url: result.url };
  const { images, warnings } = result;
  return {
    result_url: images[0]?.url ?? '',
    images: images.map(imageData),
    ...(warnings !== undefined && { warnings }),
  };
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
