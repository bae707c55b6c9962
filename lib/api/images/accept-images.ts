import { invalidRequest } from '../../errors.ts';
import { notesOn } from '../../images/notes.ts';
import type { TaskCallback, TaskEventType } from '../../tasks/delivery.ts';
import type { QueuedImage, Task } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import { dayMs, hourMs, toEpochSeconds } from '../../time.ts';
import { expectImages } from '../../usage/expected-cost.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { CallbackSettings } from '../callback-url-rules.ts';
import type { ApiContext } from '../context.ts';
import { createHoldBudget, type HoldBudgetDependencies } from '../hold-budget.ts';
import { type Owner, ownershipOf } from '../ownership.ts';
import { firstTaskOf, markReplay } from '../replay.ts';
import { requestedCallback } from '../requested-callback.ts';
import { createTakePermit, type TakePermitDependencies } from '../take-permit.ts';
import { submitAnswer } from '../task-envelope.ts';
import { setModelHeader } from '../task-headers.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';
import type { ImageInput } from './image-body.ts';
import { setWarnings } from './image-headers.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { ImageOrder } from './read-image-order.ts';

export type AcceptImagesDependencies = TakePermitDependencies &
  HoldBudgetDependencies & {
    tasks: TaskStore;
    wakeUps: Pick<WakeUps, 'sendMakeImage'>;
    keptAnswers: Pick<KeptAnswers, 'find' | 'leaveToTask'>;
    prices: Pick<PriceList, 'of'>;
    settings: CallbackSettings & { retentionDays: number };
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
 * Accepts the images as a task. What the answer promises is stored before it is given. `waited for`: a request of the same
 * `Idempotency-Key` makes them while its caller waits, or has.
 */
export const createAcceptImages = (dependencies: AcceptImagesDependencies) => {
  const { tasks, wakeUps, keptAnswers, prices, now, settings } = dependencies;
  const takePermit = createTakePermit(dependencies);
  const holdBudget = createHoldBudget(dependencies);

  return async (c: ApiContext, order: ImageOrder): Promise<Response | 'waited for'> => {
    const { name, requestHash, input, candidates } = order;
    const { taskId, mayExist } = name;
    const kept = mayExist ? await keptAnswers.find(taskId) : undefined;
    if (kept !== undefined && kept.state !== 'task') return 'waited for';
    const callback = callbackFor(c, input, settings);
    const warnings = notesOn(candidates[0], input.notes);
    const earlier = mayExist ? await tasks.find(taskId) : undefined;
    if (earlier !== undefined) return replay(c, earlier, requestHash, warnings);
    const permit = await takePermit(c);
    if (!permit.allowed) throw permit.refusal;
    const createdAtMs = now();
    const estimate = expectImages(prices, candidates, input.request.n);
    const held = await holdBudget(c.get('workspace'), { taskId, acceptedAtMs: createdAtMs, estimate });
    // After the budget, so that a key whose request was refused is free.
    if (mayExist && !(await keptAnswers.leaveToTask(taskId, requestHash))) {
      permit.giveBack();
      // What is held is left to the sweep: a repeat at the same time may share it.
      return 'waited for';
    }
    const task = newTask(c.var, order, { callback, createdAtMs, retentionDays: settings.retentionDays });
    await name.announce();
    const outcome = await (held?.store(tasks, task) ?? tasks.create(task));
    if (!outcome.created) {
      permit.giveBack();
      return replay(c, outcome.existing, requestHash, warnings);
    }
    c.get('log').event('task.accepted', { taskId, model: task.model, kind: task.kind });
    await wakeOrLeaveToSweep(c, () => wakeUps.sendMakeImage(taskId));
    return answer(c, task, warnings);
  };
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
