import type { FindOutcome, PollOutcome, StartOutcome, VideoProvider } from '../../lib/providers/provider.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import type { Burst, TaskPlan, Troubles } from './plan.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';
import { createWebhooks, operationOf, queuedMs, type WebhookOptions } from './webhooks.ts';
import type { Worker } from './workers.ts';

/** A create on its way to Kling, or there. `landsAtMs` is absent if it never arrives. */
type Create = { sentAtMs: number; landsAtMs?: number; isVeryLate: boolean };
export type Render = { id: string; landedAtMs: number; endsAtMs: number; ends: TaskPlan['ends'] };

type KlingOptions = {
  time: VirtualTime;
  random: Randomness;
  /** The troubles of this moment. */
  troubles(): Troubles;
  /** How many renders it takes at once. */
  slots: number;
  /** How long it takes to answer a create. */
  createMs: number;
  /** As what it refuses every create at this moment. */
  burst(): Burst['reason'] | undefined;
  isDown(): boolean;
  planOf(taskId: string): TaskPlan;
  onCreate(taskId: string): void;
  /** It took a task; it told a worker that a task has ended. */
  onTaken(): void;
  onToldEnd(taskId: string): void;
  /** It answered a query in a way that tells nothing. */
  onUnclear(taskId: string): void;
  /** Something was asked for twice that must be asked for once. */
  onSecond(taskId: string, why: string): void;
  send: WebhookOptions['send'];
};

/** After so long every create has arrived or is lost, unless it is one of the very late ones. */
const maxFlightMs = 25 * secondMs;
const refused = 'Kling did not accept the prompt.';
const resultUrlOf = (taskId: string) => `https://kling.example/${taskId}.mp4`;

/** Kling as it may be: late, ambiguous, busy, down, and strict about external ids. */
export const createKling = (options: KlingOptions) => {
  const {
    time,
    random,
    troubles,
    isDown,
    planOf,
    onCreate,
    onTaken,
    onToldEnd,
    onUnclear,
    onSecond,
    slots,
    createMs,
    burst,
  } = options;
  const webhooks = createWebhooks(options);
  const renders = new Map<string, Render>();
  const creates = new Map<string, Create[]>();
  const handling = new Map<string, Worker>();
  /** What was answered to a worker's last create, should the answer arrive. */
  const answers = new Map<Worker, StartOutcome['status']>();
  const notFoundBefore = new Set<string>();
  /** When a create found no free slot. */
  const refusals: number[] = [];
  let queries = 0;

  const land = (taskId: string): void => {
    if (renders.has(taskId)) {
      const earlier = creates.get(taskId) ?? [];
      // With very late arrivals only Kling itself can tell; it refuses the second.
      if (!earlier.some(({ isVeryLate }) => isVeryLate)) onSecond(taskId, 'arrived a second time');
      return;
    }
    const { renderSeconds, ends } = planOf(taskId);
    const endsAtMs =
      renderSeconds === null ? Number.POSITIVE_INFINITY : time.nowMs() + renderSeconds * secondMs;
    renders.set(taskId, { id: operationOf(taskId), landedAtMs: time.nowMs(), endsAtMs, ends });
    onTaken();
    webhooks.follow(taskId, endsAtMs);
  };

  const checkEarlier = (taskId: string): void => {
    const earlier = creates.get(taskId) ?? [];
    const mayStillLand = earlier.some(
      ({ landsAtMs = 0, isVeryLate }) => landsAtMs > time.nowMs() && !isVeryLate,
    );
    if (mayStillLand) onSecond(taskId, 'was sent again while the first was on its way');
  };

  const sendCreate = (taskId: string, create: Omit<Create, 'sentAtMs'>): void => {
    checkEarlier(taskId);
    const sent = { sentAtMs: time.nowMs(), ...create };
    creates.set(taskId, [...(creates.get(taskId) ?? []), sent]);
    if (create.landsAtMs !== undefined) time.at(create.landsAtMs, () => land(taskId));
  };

  const isVisible = (render: Render | undefined): render is Render =>
    render !== undefined && render.landedAtMs <= time.nowMs();

  const find = (taskId: string): FindOutcome => {
    if (isDown() || random.happens(troubles().badQuery / 2)) return { status: 'unanswered', detail: '' };
    const render = renders.get(taskId);
    if (!isVisible(render)) return { status: 'not-found' };
    const operation = { action: 'textGenerate', id: render.id } as const;
    return { status: 'found', operation, createdAtMs: render.landedAtMs, state: told(taskId, render) };
  };

  const told = (taskId: string, render: Render): PollOutcome => {
    const state = stateOf(render);
    if (state.status === 'succeeded' || state.status === 'failed') onToldEnd(taskId);
    return state;
  };

  const stateOf = (render: Render): PollOutcome => {
    if (time.nowMs() < render.landedAtMs + queuedMs) return { status: 'queued' };
    if (time.nowMs() < render.endsAtMs) return { status: 'running' };
    return render.ends === 'succeed'
      ? { status: 'succeeded', resultUrl: resultUrlOf(render.id.replace('kling-', '')) }
      : { status: 'failed', reason: 'Kling could not make this video.' };
  };

  const running = (): number =>
    [...renders.values()].filter(({ endsAtMs }) => endsAtMs > time.nowMs()).length;

  const start = (taskId: string): StartOutcome => {
    onCreate(taskId);
    const { lostCreate, veryLateCreate, busyKling, operatorFault } = troubles();
    const unclear = { status: 'unclear', detail: 'timed out' } as const;
    if (isDown()) {
      sendCreate(taskId, { isVeryLate: false });
      return random.happens(500) ? unclear : { status: 'busy', reason: 'unavailable', detail: 'maintenance' };
    }
    const reason = burst();
    if (reason !== undefined) return { status: 'busy', reason, detail: '' };
    if (planOf(taskId).ends === 'busy') return { status: 'busy', reason: 'full', detail: '1303' };
    if (random.happens(busyKling)) return { status: 'busy', reason: 'full', detail: '1303' };
    if (running() >= slots) {
      refusals.push(time.nowMs());
      return { status: 'busy', reason: 'full', detail: '1303' };
    }
    if (random.happens(operatorFault)) return { status: 'operator-fault', detail: '1102' };
    if (planOf(taskId).ends === 'refused') return { status: 'refused', reason: refused };
    if (random.happens(lostCreate)) {
      const flightMs = random.between(1, maxFlightMs);
      const arrives = random.happens(600);
      sendCreate(taskId, {
        isVeryLate: false,
        ...(arrives && { landsAtMs: time.nowMs() + (random.happens(500) ? 1 : flightMs) }),
      });
      return unclear;
    }
    if (random.happens(veryLateCreate)) {
      sendCreate(taskId, { isVeryLate: true, landsAtMs: time.nowMs() + random.between(1, 20) * minuteMs });
      return unclear;
    }
    checkEarlier(taskId);
    land(taskId);
    // "Already exists": the provider looks up what it has under this id.
    const found = find(taskId);
    return found.status === 'found' ? { ...found, status: 'accepted' } : unclear;
  };

  const poll = (id: string): PollOutcome => {
    queries += 1;
    const taskId = id.replace('kling-', '');
    const render = renders.get(taskId);
    if (isDown()) {
      onUnclear(taskId);
      return { status: 'unanswered', detail: 'down' };
    }
    if (!isVisible(render)) return { status: 'not-found' };
    if (random.happens(troubles().badQuery)) {
      onUnclear(taskId);
      return badAnswer(taskId);
    }
    notFoundBefore.delete(taskId);
    return told(taskId, render);
  };

  /** A create or a look-up is one worker's at a time. */
  const alone = async <T>(worker: Worker, taskId: string, ask: () => Promise<T>): Promise<T> => {
    const other = handling.get(taskId);
    if (other?.isAlive()) onSecond(taskId, `was handled by ${other.name} and ${worker.name} at once`);
    handling.set(taskId, worker);
    try {
      return await ask();
    } finally {
      handling.delete(taskId);
    }
  };

  const badAnswer = (taskId: string): PollOutcome => {
    const kind = random.between(0, 3);
    if (kind === 0) return { status: 'unanswered', detail: 'reset' };
    if (kind === 1) return { status: 'queued' };
    if (kind === 2 || notFoundBefore.has(taskId)) return { status: 'running' };
    // A replica that lags says so now and then, never in a row.
    notFoundBefore.add(taskId);
    return { status: 'not-found' };
  };

  return {
    providerOf: (worker: Worker): VideoProvider => ({
      name: 'kling',
      prepare:
        async (_request, { taskId }) =>
        () =>
          alone(worker, taskId, () =>
            worker.call(
              `create ${taskId}`,
              () => {
                const outcome = start(taskId);
                answers.set(worker, outcome.status);
                return outcome;
              },
              () => (random.happens(troubles().slowCreate) ? random.between(1, 20) * secondMs : createMs),
            ),
          ),
      find: (_action, taskId) =>
        alone(worker, taskId, () => worker.call(`look up ${taskId}`, () => find(taskId))),
      poll: ({ id }) => worker.call(`query ${id}`, () => poll(id)),
    }),
    hasRoom: (): boolean => running() < slots,
    /** Whether it never has room for a task. */
    isStubborn: (taskId: string): boolean => planOf(taskId).ends === 'busy',
    renderOf: (taskId: string): Render | undefined => renders.get(taskId),
    answerTo: (worker: Worker) => answers.get(worker),
    hasVeryLate: (taskId: string): boolean =>
      (creates.get(taskId) ?? []).some(({ isVeryLate }) => isVeryLate),
    queries: () => queries,
    refusals: (): readonly number[] => refusals,
    renders: (): ReadonlyMap<string, Render> => renders,
  };
};
export type Kling = ReturnType<typeof createKling>;
