import type { QueueMembership } from '../../lib/queue/membership.ts';
import { createQueue, type Queue, type QueueRequest } from '../../lib/queue/queue.ts';
import type { RefusalReason } from '../../lib/queue/window.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { createRandomness } from '../simulation/randomness.ts';
import { createVirtualTime } from '../simulation/virtual-time.ts';
import { createWorkers, type Worker } from '../simulation/workers.ts';
import { silentLog } from '../support/silent-log.ts';
import { createMemoryTable } from './memory-table.ts';

export type TaskPlan = {
  id: string;
  workspaceId: string;
  model: string;
  createdAtMs: number;
  renderMs: number;
  /** Cancelled so long after it came, if it still waits then. */
  cancelAfterMs?: number;
  /** The provider always refuses it as if there were no room. */
  isPoison?: boolean;
};
export type WorldPlan = {
  seed: number;
  tasks: readonly TaskPlan[];
  limits: Readonly<Record<string, number>>;
  /** How many renders the provider takes at once for each model. */
  slots: number;
  createMs: number;
  /** Whether the provider finds a create too fast. */
  isTooFast?: (nowMs: number, createsBefore: readonly number[]) => boolean;
  /** In so many of a thousand calls a worker dies. */
  deathsPerMille: number;
  lostMessagesPerMille: number;
  troublesEndAtMs: number;
};

type State = 'queued' | 'submitting' | 'running' | 'ended';
type WorldTask = {
  plan: TaskPlan;
  state: State;
  version: number;
  membership?: QueueMembership | undefined;
  notBeforeMs: number;
  leaseUntilMs: number;
  startedAtMs?: number;
  endedAtMs?: number;
};
/** What the provider was asked and what it answered. */
type Create = { atMs: number; taskId: string; outcome: 'accepted' | RefusalReason };

const leaseMs = minuteMs;
const workerMs = 2 * minuteMs;
const sweepMs = minuteMs;

/** A gateway that does as the core does, as far as the queue is concerned, and a provider, in virtual time. */
export const createWorld = (plan: WorldPlan) => {
  const random = createRandomness(plan.seed);
  const time = createVirtualTime(1_800_000_000_000);
  const startMs = time.nowMs();
  const isTroubled = () => time.nowMs() - startMs < plan.troublesEndAtMs;
  const table = createMemoryTable();
  const tasks = new Map<string, WorldTask>();
  const creates: Create[] = [];
  /** Creates that are on their way, and renders. */
  const asking = new Map<string, TaskPlan>();
  const rendering = new Map<string, TaskPlan>();
  const problems: string[] = [];

  const workers = createWorkers({
    time,
    fateOf: () => {
      if (!isTroubled() || !random.happens(plan.deathsPerMille)) return 'answers';
      return random.happens(500) ? 'dies-before' : 'dies-after';
    },
    latencyMs: () => random.between(2, 12),
    skewMs: () => random.between(-50, 50),
    trace: () => {},
  });

  const requestOf = ({ id, createdAtMs, workspaceId, model }: TaskPlan): QueueRequest => ({
    taskId: id,
    createdAtMs: startMs + createdAtMs,
    workspaceId,
    model,
    workspaceLimit: plan.limits[workspaceId],
  });

  const send = (taskId: string, atMs: number): void => {
    if (isTroubled() && random.happens(plan.lostMessagesPerMille)) return;
    const delayMs = Math.ceil(Math.max(0, atMs - time.nowMs()) / secondMs) * secondMs;
    time.after(delayMs + random.between(5, 40), () => void work('submit', (...on) => submit(taskId, ...on)));
  };

  const work = (name: string, run: (worker: Worker, queue: Queue) => Promise<void>) =>
    workers.run(name, workerMs, (worker) =>
      run(
        worker,
        createQueue({
          table: table.of(worker),
          wake: (taskId) => worker.call('wake', () => send(taskId, time.nowMs())),
          findMember: (taskId) =>
            worker.call('find member', () => {
              const task = tasks.get(taskId);
              if (task === undefined || task.state === 'ended') return undefined;
              return { isQueued: task.state !== 'running', membership: task.membership };
            }),
          now: worker.now,
          random: random.next,
          log: silentLog,
        }),
      ),
    );

  const read = (worker: Worker, taskId: string) =>
    worker.call('find task', () => ({ ...(tasks.get(taskId) as WorldTask) }));
  const write = (worker: Worker, seen: WorldTask, changes: Partial<WorldTask>) =>
    worker.call('write task', () => {
      const task = tasks.get(seen.plan.id) as WorldTask;
      if (task.version !== seen.version) return undefined;
      Object.assign(task, changes, { version: seen.version + 1 });
      return { ...task };
    });

  const renderingOf = (model: string) => [...rendering.values()].filter((one) => one.model === model).length;

  const answer = (task: TaskPlan): Create['outcome'] => {
    if (rendering.has(task.id)) return 'accepted';
    const before = creates.filter(({ outcome }) => outcome === 'accepted').map(({ atMs }) => atMs);
    if (plan.isTooFast?.(time.nowMs() - startMs, before)) return 'rate';
    if (task.isPoison || renderingOf(task.model) >= plan.slots) return 'full';
    rendering.set(task.id, task);
    time.after(task.renderMs, () => end(task));
    return 'accepted';
  };

  const create = async (worker: Worker, task: TaskPlan): Promise<Create['outcome']> => {
    asking.set(task.id, task);
    const limit = plan.limits[task.workspaceId] ?? Number.POSITIVE_INFINITY;
    const inFlight = new Set(
      [...asking.values(), ...rendering.values()]
        .filter(({ workspaceId }) => workspaceId === task.workspaceId)
        .map(({ id }) => id),
    );
    if (inFlight.size > limit) problems.push(`${inFlight.size} of ${task.workspaceId} in flight`);
    const answered = Promise.withResolvers<Create['outcome']>();
    time.after(plan.createMs, () => {
      asking.delete(task.id);
      const outcome = answer(task);
      creates.push({ atMs: time.nowMs() - startMs, taskId: task.id, outcome });
      if (worker.isAlive()) answered.resolve(outcome);
    });
    return answered.promise;
  };

  const end = (task: TaskPlan): void => {
    rendering.delete(task.id);
    void work('settle', (worker, queue) => settle(task.id, worker, queue));
  };

  const settle = async (taskId: string, worker: Worker, queue: Queue): Promise<void> => {
    const task = await read(worker, taskId);
    if (task.state === 'ended') return;
    const ended = await write(worker, task, { state: 'ended', endedAtMs: time.nowMs() });
    if (ended) await queue.release(requestOf(task.plan), ended.membership);
    else await settle(taskId, worker, queue);
  };

  const cancel = async (taskId: string, worker: Worker, queue: Queue): Promise<void> => {
    const task = await read(worker, taskId);
    if (task.state !== 'queued') return;
    const ended = await write(worker, task, { state: 'ended', endedAtMs: time.nowMs() });
    if (ended) await queue.release(requestOf(task.plan), ended.membership);
  };

  const submit = async (taskId: string, worker: Worker, queue: Queue): Promise<void> => {
    const task = await read(worker, taskId);
    if (task.state === 'running' || task.state === 'ended' || task.leaseUntilMs > worker.now()) return;
    const request = requestOf(task.plan);
    // The worker before died: what became of its create is looked up first.
    if (task.state === 'submitting' && rendering.has(taskId)) return started(task, worker, queue);
    const admission = await queue.admit(request, task.membership);
    if (!admission.admitted) return wait(task, admission, worker, queue);
    const claimed = await write(worker, task, {
      state: 'submitting',
      membership: admission.membership,
      leaseUntilMs: worker.now() + leaseMs,
      notBeforeMs: worker.now() + leaseMs,
    });
    if (claimed === undefined) return again(taskId, admission.membership, worker, queue);
    const outcome = await create(worker, task.plan);
    if (outcome === 'accepted') return started(claimed, worker, queue);
    const waiting = await queue.refused(request, claimed.membership, outcome);
    await wait(claimed, waiting, worker, queue);
  };

  /** What the queue said could not be stored, since the task has changed. */
  const again = async (
    taskId: string,
    membership: QueueMembership | undefined,
    worker: Worker,
    queue: Queue,
  ): Promise<void> => {
    const task = await read(worker, taskId);
    if (task.state === 'ended') await queue.release(requestOf(task.plan), membership);
    else await submit(taskId, worker, queue);
  };

  const started = async (task: WorldTask, worker: Worker, queue: Queue): Promise<void> => {
    const running = await write(worker, task, { state: 'running', startedAtMs: time.nowMs() });
    if (running) await queue.accepted(requestOf(task.plan), running.membership);
    // Its end was told before the task was known to run.
    if (!rendering.has(task.plan.id)) await settle(task.plan.id, worker, queue);
  };

  const wait = async (
    task: WorldTask,
    { membership, retryAtMs }: { membership: QueueMembership; retryAtMs: number },
    worker: Worker,
    queue: Queue,
  ): Promise<void> => {
    const waiting = await write(worker, task, {
      state: 'queued',
      membership,
      notBeforeMs: retryAtMs,
      leaseUntilMs: 0,
    });
    if (waiting === undefined) return again(task.plan.id, membership, worker, queue);
    if (task.membership?.retryAtMs !== retryAtMs)
      await worker.call('send', () => send(task.plan.id, retryAtMs));
  };

  /** The core's own sweep: whatever is due and whose message got lost. */
  const sweep = (): void => {
    for (const { plan: one, state, notBeforeMs } of tasks.values()) {
      const isOpen = state === 'queued' || state === 'submitting';
      if (isOpen && notBeforeMs < time.nowMs() - 10 * secondMs) send(one.id, time.nowMs());
      if (state === 'running' && !rendering.has(one.id))
        void work('settle', (worker, queue) => settle(one.id, worker, queue));
    }
    void work('reconcile', (_worker, queue) => queue.reconcile());
    time.after(sweepMs, sweep);
  };

  for (const one of plan.tasks) {
    const task: WorldTask = { plan: one, state: 'queued', version: 1, notBeforeMs: 0, leaseUntilMs: 0 };
    time.at(startMs + one.createdAtMs, () => {
      task.notBeforeMs = time.nowMs();
      tasks.set(one.id, task);
      send(one.id, time.nowMs());
    });
    if (one.cancelAfterMs !== undefined)
      time.at(
        startMs + one.createdAtMs + one.cancelAfterMs,
        () => void work('cancel', (worker, queue) => cancel(one.id, worker, queue)),
      );
  }
  time.after(sweepMs, sweep);

  return {
    nowMs: () => time.nowMs() - startMs,
    tasks: () => [...tasks.values()],
    creates: (): readonly Create[] => creates,
    problems: (): readonly string[] => problems,
    table,
    renderingOf,
    /** Whether the limit of a task's workspace leaves room for it. */
    hasRoom: ({ workspaceId }: TaskPlan): boolean =>
      [...asking.values(), ...rendering.values()].filter((one) => one.workspaceId === workspaceId).length <
      (plan.limits[workspaceId] ?? Number.POSITIVE_INFINITY),
    isAsked: (model: string): boolean => [...asking.values()].some((one) => one.model === model),
    /** Lets time pass until something is true or so much has passed. */
    async runUntil(isDone: () => boolean, maxMs: number, onStep: () => void = () => {}): Promise<void> {
      while (!isDone() && time.nowMs() - startMs < maxMs && (await time.step())) onStep();
    },
  };
};
export type World = ReturnType<typeof createWorld>;
