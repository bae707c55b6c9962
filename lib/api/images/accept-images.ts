import { invalidRequest } from '../../errors.ts';
import { notesOn } from '../../images/notes.ts';
import type { TaskCallback, TaskEventType } from '../../tasks/delivery.ts';
import type { QueuedImage, Task } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import { type Clock, dayMs, hourMs, toEpochSeconds } from '../../time.ts';
import type { CallbackSettings } from '../callback-url-rules.ts';
import type { ApiContext } from '../context.ts';
import type { Expected, HeldBudget } from '../hold-budget.ts';
import { type Owner, ownershipOf } from '../ownership.ts';
import { firstTaskOf, markReplay } from '../replay.ts';
import { requestedCallback } from '../requested-callback.ts';
import { submitAnswer } from '../task-envelope.ts';
import { setModelHeader } from '../task-headers.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';
import type { ImageInput } from './image-body.ts';
import { setWarnings } from './image-headers.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { ImageOrder } from './read-image-order.ts';

export type AcceptImagesDependencies = {
  tasks: TaskStore;
  wakeUps: Pick<WakeUps, 'sendMakeImage'>;
  keptAnswers: Pick<KeptAnswers, 'leaveToTask'>;
  now: Clock;
  settings: CallbackSettings & { retentionDays: number };
};

type AcceptImagesSteps = {
  takePermit: (c: ApiContext) => Promise<{ giveBack: () => void }>;
  holdBudget: (
    c: ApiContext,
    order: ImageOrder,
    held: Pick<Expected, 'taskId' | 'acceptedAtMs'>,
  ) => Promise<HeldBudget | undefined>;
};

const deadlineAfterMs = 2 * hourMs;
/** From seconds to three minutes; nothing but the progress shown depends on it. */
const typicalSeconds = 45;
const defaultEventTypes: TaskEventType[] = ['image.completed', 'image.failed'];

/** Whether the caller would rather have a task than wait. */
export const wantsTask = (c: ApiContext, { callbackUrl, callbackEvents }: ImageInput): boolean =>
  callbackUrl !== undefined || callbackEvents !== undefined || prefersTask(c);

/** RFC 7240: other preferences may stand beside it. */
const prefersTask = (c: ApiContext): boolean =>
  /(?:^|[\s,;])respond-async(?:$|[\s,;])/i.test(c.req.header('prefer') ?? '');

/**
 * Accepts the images as a task. What the answer promises is stored before it is given. `waited for`: another request of the same
 * `Idempotency-Key` makes them while its caller waits.
 */
export const createAcceptImages =
  (
    { tasks, wakeUps, keptAnswers, now, settings }: AcceptImagesDependencies,
    { takePermit, holdBudget }: AcceptImagesSteps,
  ) =>
  async (c: ApiContext, order: ImageOrder): Promise<Response | 'waited for'> => {
    const { name, requestHash, input, candidates } = order;
    const callback = callbackFor(c, input, settings);
    const earlier = name.mayExist ? await tasks.find(name.taskId) : undefined;
    const warnings = notesOn(candidates[0], input.notes);
    if (earlier !== undefined) return replay(c, earlier, requestHash, warnings);
    const permit = await takePermit(c);
    const createdAtMs = now();
    const held = await holdBudget(c, order, { taskId: name.taskId, acceptedAtMs: createdAtMs });
    // After the budget, so that a key whose request was refused is free.
    if (name.mayExist && !(await keptAnswers.leaveToTask(name.taskId, requestHash))) {
      permit.giveBack();
      // What is held is left to the sweep: a repeat at the same time may share it.
      return 'waited for';
    }
    const task = newTask(c.var, order, { callback, createdAtMs, retentionDays: settings.retentionDays });
    await name.announce();
    await held?.keep();
    const outcome = await tasks.create({
      ...task,
      ...(held !== undefined && { reservation: held.reservation }),
    });
    if (!outcome.created) {
      permit.giveBack();
      await held?.giveBackUnlessOf(outcome.existing);
      return replay(c, outcome.existing, requestHash, warnings);
    }
    c.get('log').event('task.accepted', { taskId: task.id, model: task.model, kind: task.kind });
    await wakeOrLeaveToSweep(c, () => wakeUps.sendMakeImage(task.id));
    return answer(c, task, warnings);
  };

type Terms = { callback: TaskCallback | undefined; createdAtMs: number; retentionDays: number };

const newTask = (
  owner: Owner,
  { name, requestHash, input, candidates: [{ requested, serving }] }: ImageOrder,
  { callback, createdAtMs, retentionDays }: Terms,
): QueuedImage => ({
  id: name.taskId,
  ...ownershipOf(owner, input.request.prompt),
  version: 1,
  kind: 'image',
  state: 'queued',
  model: requested.id,
  resolvedModel: serving.id,
  createdAtMs,
  deadlineAtMs: createdAtMs + deadlineAfterMs,
  expiresAtSeconds: toEpochSeconds(createdAtMs + retentionDays * dayMs),
  requestHash,
  ...(callback !== undefined && { callback }),
  typicalSeconds,
  work: { models: [...(input.chain ?? [input.model])], request: input.request },
  notBeforeMs: createdAtMs,
  attempts: 0,
});

/** Where the task's events go. Throws a 400 that says what is wrong with what was asked for. */
export const callbackFor = (
  c: ApiContext,
  input: ImageInput,
  settings: CallbackSettings,
): TaskCallback | undefined => {
  const { callback, problems } = requestedCallback(c, settings, {
    url: input.callbackUrl,
    events: input.callbackEvents,
    defaultEventTypes,
  });
  if (input.requestedFormat === 'b64_json')
    problems.push({
      param: 'response_format',
      message: 'must be url when the answer does not wait for the images; they come as links.',
    });
  if (problems.length > 0) throw invalidRequest(problems);
  return callback;
};

const replay = (
  c: ApiContext,
  existing: Task | 'deleted',
  requestHash: string,
  warnings: string[],
): Response => {
  const task = firstTaskOf(existing, requestHash);
  markReplay(c);
  return answer(c, task, warnings);
};

const answer = (c: ApiContext, task: Task, warnings: string[]): Response => {
  setWarnings(c, warnings);
  c.header('location', `/v1/images/generations/${task.id}`);
  if (prefersTask(c)) c.header('preference-applied', 'respond-async');
  setModelHeader(c, task);
  return c.json(submitAnswer(task, warnings), 202);
};
