import * as z from 'zod/mini';
import { errorCodes, errorTypes } from '../../errors.ts';
import { taskEventTypes } from '../../tasks/delivery.ts';
import { failureCodes } from '../../tasks/task.ts';
import { taskStatuses } from '../../tasks/task-status.ts';
import { eventSchemas } from './events.ts';
import { Model, ModelList } from './model-schemas.ts';
import { livemode, Usage, UsageReport, UsdAmount, warnings } from './usage-schemas.ts';

const note = z.describe;
const text = z.string();
const whole = z.int();
const seconds = z.int().check(note('Unix seconds; 0 while not reached.'));
const secondsOrNull = z.nullable(z.int().check(note('Unix seconds.')));

const listOf = (item: z.ZodMiniType) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    last_id: z.nullable(text.check(note('Where the next page begins: give it as after.'))),
  });

const ApiError = z.object({
  error: z.object({
    message: text.check(note('What was wrong and what to do.')),
    type: z.enum(errorTypes),
    code: z.enum(errorCodes),
    param: z.nullable(text.check(note('The field that is wrong; of several, the first.'))),
    remaining_usd: z.optional(
      text.check(note('With budget_exceeded: what may still be spent, as decimal text in US dollars.')),
    ),
    resets_at: z.optional(
      whole.check(note('With budget_exceeded: Unix seconds. When the budget begins anew.')),
    ),
  }),
});

const VideoSubmitResponse = z.object({
  id: text.check(note('Task ID. Same as task_id.')),
  task_id: text,
  object: z.enum(['video']),
  model: text,
  status: z.enum(['queued']),
  progress: z.int().check(z.minimum(0), z.maximum(100)),
  created_at: whole.check(note('Unix seconds.')),
  livemode,
  warnings,
});

const orNull = (what: string) => z.nullable(text.check(note(what)));

const Video = z.object({
  id: text,
  object: z.literal('video'),
  model: text,
  status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
  progress: z.int().check(z.minimum(0), z.maximum(100)),
  created_at: whole.check(note('Unix seconds.')),
  completed_at: secondsOrNull,
  expires_at: secondsOrNull,
  prompt: orNull('Erased once the provider has it.'),
  remixed_from_video_id: orNull('Always null: there are no remixes here.'),
  seconds: text.check(note('Length, as asked for or as the model makes it.')),
  size: text.check(note('Width and height; where a picture decides the shape, that is not known.')),
  error: z.nullable(z.object({ code: z.enum(failureCodes), message: text })),
  livemode,
  usage: z.optional(Usage.check(note('What it came to, once it has ended.'))),
});
const VideoList = z.extend(listOf(Video), { first_id: orNull('The first of the page.') });
const DeletedVideo = z.object({ id: text, object: z.literal('video.deleted'), deleted: z.literal(true) });

const ImageSubmitResponse = z.extend(VideoSubmitResponse, { object: z.enum(['image']) });

const taskFields = {
  task_id: text,
  model: text,
  action: z.enum(['textGenerate', 'generate', 'omniVideo']),
  status: z.enum(taskStatuses),
  livemode,
  progress: text.check(z.regex(/^\d{1,3}%$/), note('Percent with its sign, an estimate until the end.')),
  result_url: z.optional(text.check(note('The video, or the first image, once status is SUCCESS.'))),
  images: z.optional(
    z
      .array(z.object({ url: text, revised_prompt: z.optional(text) }))
      .check(note('All images, once an image task’s status is SUCCESS.')),
  ),
  fail_reason: z.optional(text.check(note('Why there is none, once status is FAILURE.'))),
  warnings: z.optional(
    z.array(text).check(note('Of images that were made: what was not done as asked. Absent: nothing.')),
  ),
  submit_time: seconds,
  start_time: seconds,
  finish_time: seconds,
  external_task_id: z.optional(text.check(note('metadata.external_task_id of the request.'))),
  usage: z.optional(Usage.check(note('What it came to, once the task has ended.'))),
};

const CallbackState = z.object({
  state: z.enum(['none', 'pending', 'retrying', 'delivered', 'failed']),
  event_id: z.nullable(text),
  attempts: whole,
  last_cause: z.nullable(text),
  next_attempt_at: secondsOrNull,
});

/** Only while it waits, and as far as it is known. */
const queueFields = {
  queue_position: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        note(
          'While the task waits for others of its workspace, or then for a free slot at the provider: its position in that queue, 1 is the next.',
        ),
      ),
  ),
  estimated_start: z.optional(
    z.int().check(note('Unix seconds. When such a task is likely to start, once that can be told.')),
  ),
};
const Task = z.object({ ...taskFields, ...queueFields, callback: CallbackState });
const TaskResponse = z.object({ code: z.literal('success'), message: text, data: Task });
const TaskSummary = z.object({ id: text, ...taskFields, callback: CallbackState });
const TaskList = listOf(TaskSummary);
const EventTask = z.object({ id: text, ...taskFields });

const milliseconds = z.nullable(z.number());
const Durations = z.object({
  dns: milliseconds,
  connect: milliseconds,
  tls: milliseconds,
  first_byte: milliseconds,
  total: z.number(),
});

const DeliveryAttempt = z.object({
  id: text,
  event_id: text,
  type: z.enum(taskEventTypes),
  attempt: z.nullable(whole.check(note('Its number in the schedule; a redelivery has none.'))),
  trigger: z.enum(['auto', 'manual']),
  started_at: whole,
  status_code: z.nullable(whole),
  outcome: z.enum(['delivered', 'failed']),
  error_class: z.nullable(text),
  cause: z.nullable(text),
  durations_ms: Durations,
  next_attempt_at: secondsOrNull,
});
const DeliveryList = listOf(DeliveryAttempt);
const Redelivery = z.object({
  event_id: text,
  state: z.enum(['pending', 'retrying', 'delivered', 'failed']),
});
const CallbackTestResult = z.object({
  delivered: z.boolean(),
  status_code: z.nullable(whole),
  cause: z.nullable(text),
  durations_ms: Durations,
});
const events = eventSchemas(EventTask);
const EventList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.discriminatedUnion('type', [
      events.VideoCompletedEvent,
      events.VideoFailedEvent,
      events.VideoInProgressEvent,
      events.ImageCompletedEvent,
      events.ImageFailedEvent,
      events.BudgetWarningEvent,
      events.BudgetExhaustedEvent,
    ]),
  ),
  has_more: z.boolean().check(note('Whether the next page can be read at once.')),
  cursor: text.check(note('Where the next page begins: give it as after. Store it; it lasts.')),
});
const CallbackRecovery = z.object({ object: z.literal('callback.recovery'), since: whole, until: whole });
const CallbackSecret = z.object({ secret: text, previous_expires_at: secondsOrNull });

const tokenDetails = z.object({ text_tokens: whole, image_tokens: whole });
const ImageResponse = z.object({
  created: whole,
  data: z.array(
    z.object({ url: z.optional(text), b64_json: z.optional(text), revised_prompt: z.optional(text) }),
  ),
  size: z.optional(text.check(note('As drawn, where the provider says; likewise the next three.'))),
  quality: z.optional(text),
  background: z.optional(text),
  output_format: z.optional(text),
  usage: z.optional(
    z.object({
      input_tokens: z.optional(whole.check(note('Tokens are told where the provider tells them.'))),
      input_tokens_details: z.optional(tokenDetails),
      output_tokens: z.optional(whole),
      output_tokens_details: z.optional(tokenDetails),
      total_tokens: z.optional(whole),
      cost_usd: z.optional(z.nullable(UsdAmount)),
    }),
  ),
  livemode,
  warnings,
});

const Health = z.object({ status: z.literal('ok') });

/** What the routes answer, by the names that clients see in generated code. */
export const answerSchemas = {
  ApiError,
  VideoSubmitResponse,
  Video,
  VideoList,
  DeletedVideo,
  ImageSubmitResponse,
  CallbackState,
  Task,
  TaskResponse,
  TaskSummary,
  TaskList,
  EventTask,
  ...events,
  EventList,
  UsageReport,
  Durations,
  DeliveryAttempt,
  DeliveryList,
  Redelivery,
  CallbackTestResult,
  CallbackRecovery,
  CallbackSecret,
  ImageResponse,
  Model,
  ModelList,
  Health,
} as const;
export type AnswerName = keyof typeof answerSchemas;
