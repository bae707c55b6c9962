import * as z from 'zod/mini';
import type { HttpAnswer } from '../http/client.ts';

/** Kling's envelope, as far as it could be read. */
export type Answer = {
  httpStatus: number;
  /** Absent when the body was not Kling's. */
  code?: number;
  message: string;
  data?: unknown;
};

const envelope = z.object({
  code: z.number(),
  message: z.catch(z.string(), ''),
  data: z.optional(z.unknown()),
});

/** Reads what Kling answered; whatever cannot be read is left out. */
export const readAnswer = ({ httpStatus, body }: Pick<HttpAnswer, 'httpStatus' | 'body'>): Answer => {
  const parsed = envelope.safeParse(parseAnswer(body));
  return parsed.success ? { httpStatus, ...parsed.data } : { httpStatus, message: '' };
};

type ReviverWithSource = (key: string, value: unknown, context: { source: string }) => unknown;

/** Task ids are longer than a number holds; should one come as a number, its digits are kept. */
const keepTaskId: ReviverWithSource = (key, value, { source }) =>
  key === 'task_id' && typeof value === 'number' ? source : value;

/** The JSON of an answer or a webhook; `undefined` where it is none. */
export const parseAnswer = (text: string): unknown => {
  try {
    return JSON.parse(text, keepTaskId as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
};

/** A task as Kling describes it: the fields in use. */
export type KlingTask = {
  id: string;
  status: string;
  /** Why it failed, in Kling's words. */
  statusMessage: string;
  externalId?: string | undefined;
  createdAtMs?: number | undefined;
  videoUrl?: string | undefined;
  /** What it was charged, in Kling's units as decimal text. */
  units?: string | undefined;
};

/** Text by Kling's documents; a number would mean the same. */
const units = z.catch(
  z.optional(
    z.pipe(
      z.union([z.string(), z.number()]),
      z.pipe(z.transform(String), z.string().check(z.regex(/^\d{1,6}(\.\d{1,6})?$/))),
    ),
  ),
  undefined,
);
const looseText = z.catch(z.optional(z.string()), undefined);
const task = z.object({
  task_id: z.string().check(z.regex(/^[\w-]{1,128}$/)),
  task_status: looseText,
  created_at: z.catch(z.optional(z.int().check(z.positive())), undefined),
  task_status_msg: looseText,
  task_info: z.catch(z.optional(z.object({ external_task_id: looseText })), undefined),
  final_unit_deduction: units,
  task_result: z.catch(z.optional(z.object({ videos: z.array(z.object({ url: looseText })) })), undefined),
});

/** The task in an answer's `data`, which may stand in a list. */
export const readTask = (data: unknown): KlingTask | undefined => {
  const parsed = task.safeParse(Array.isArray(data) ? data[0] : data);
  if (!parsed.success) return undefined;
  const { data: read } = parsed;
  return {
    id: read.task_id,
    status: read.task_status ?? '',
    statusMessage: read.task_status_msg ?? '',
    externalId: read.task_info?.external_task_id,
    createdAtMs: read.created_at,
    units: read.final_unit_deduction,
    videoUrl: read.task_result?.videos.find(({ url }) => url)?.url,
  };
};
