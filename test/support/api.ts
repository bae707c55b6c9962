import type { Hono } from 'hono';
import { type AppDependencies, createApp } from '../../lib/api/app.ts';
import type { ApiEnvironment } from '../../lib/api/context.ts';
import type { FirstAttempts } from '../../lib/api/first-attempts.ts';
import { createAuthenticator } from '../../lib/keys/authenticate.ts';
import type { RateLimiter } from '../../lib/keys/rate-limit.ts';
import type { Workspace } from '../../lib/keys/workspace.ts';
import { createLog, type LogLine } from '../../lib/observability/log.ts';
import { createProviderSets, type ProviderSet } from '../../lib/providers/configured.ts';
import { registries, registry } from '../../lib/providers/registry.ts';
import type { QueueRequest } from '../../lib/queue/queue.ts';
import { createAnnounce } from '../../lib/tasks/announce.ts';
import { createObservedTaskStore } from '../../lib/tasks/observed-task-store.ts';
import { createSettleAtEnd } from '../../lib/tasks/settle-at-end.ts';
import type { WakeUps } from '../../lib/tasks/wake-ups.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { createBudgetStore } from '../../lib/usage/budget-store.ts';
import { createPriceList } from '../../lib/usage/price-list.ts';
import { createSettleBudget } from '../../lib/usage/settle-budget.ts';
import { createFreeSlot } from '../../lib/videos/free-slot.ts';
import { createMemoryTable } from '../queue/memory-table.ts';
import type { Worker } from '../simulation/workers.ts';
import { startMs } from './a-task.ts';
import { functionUrlOf } from './function-url.ts';
import { anApiKey, aWorkspace } from './keys.ts';
import { createMemoryKeptAnswers } from './memory-kept-answers.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createMemoryTaskStore } from './memory-task-store.ts';
import { undescribed } from './openapi.ts';

export const ownKey = 'sk-clearmaas-own';
export const foreignKey = 'sk-clearmaas-foreign';
export const testKey = 'sk-clearmaas-test-own';
export const ownUrl = 'https://gateway.example.com';
export const linkSigningKey = 'signs links in tests';

type Sent = { queue: 'submit' | 'make-image' | 'poll' | 'deliver'; message: object };

type Options = {
  workspace?: Partial<Workspace>;
  settings?: Partial<AppDependencies['settings']>;
  /** Who serves live keys; by default the one provider of videos. */
  providers?: Partial<ProviderSet<true>>;
  dependencies?: Partial<AppDependencies>;
};

/** The whole HTTP surface on stores in memory: what it accepts, and whom it wakes, can be looked at. */
export const createTestApi = ({ workspace, settings, providers, dependencies }: Options = {}) => {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const tasks = createMemoryTaskStore(now);
  const ledger = createMemoryLedger();
  const created: string[] = [];
  const sent: Sent[] = [];
  const logged: LogLine[] = [];
  /** What went with the tasks that were deleted. */
  const deleted: string[] = [];
  const pictures = new Map<string, Uint8Array>();
  const record = (queue: Sent['queue']) => async (message: object) => {
    sent.push({ queue, message });
  };
  const workspaces = new Map([
    ['ws_own', aWorkspace({ id: 'ws_own', ...workspace })],
    ['ws_foreign', aWorkspace({ id: 'ws_foreign' })],
    ['ws_test', aWorkspace({ id: 'ws_test', livemode: false, ...workspace })],
  ]);
  const keys = [
    anApiKey(ownKey, { workspaceId: 'ws_own' }),
    anApiKey(foreignKey, { workspaceId: 'ws_foreign' }),
    anApiKey(testKey, { workspaceId: 'ws_test' }),
  ];
  const limits = createMemoryLimiter();

  const wakeUps: WakeUps = {
    sendSubmit: async (taskId) => record('submit')({ taskId }),
    sendMakeImage: async (taskId) => record('make-image')({ taskId }),
    sendPoll: record('poll'),
    sendDeliver: record('deliver'),
  };
  /** Who gave back what it held or waited for. */
  const released: QueueRequest[] = [];
  const queue = {
    release: async (request: QueueRequest) => {
      released.push(request);
    },
  };
  const log = createLog((line) => logged.push(line));
  const table = createMemoryTable().of(atOnce);
  const budgets = createBudgetStore(table, now);
  const workspaceEvents = createWorkspaceEventStore(table, now);
  const settleBudget = createSettleBudget(budgets);
  const observers = [createAnnounce(wakeUps), createFreeSlot(queue), createSettleAtEnd(settleBudget)];

  const app = createApp({
    tasks: {
      ...createObservedTaskStore(tasks, observers, log),
      create: (task) => {
        created.push(task.id);
        return tasks.create(task);
      },
    },
    wakeUps,
    queue: { position: async () => undefined },
    authenticate: createAuthenticator({
      keys: { find: async (hash) => keys.find((key) => key.hash === hash) },
      workspaces: { find: async (id) => workspaces.get(id) },
      now,
    }),
    assets: {
      async putInput(taskId, bytes) {
        const id = `${taskId}/${pictures.size}`;
        pictures.set(id, bytes);
        return id;
      },
      putImage: notCalled('putImage'),
      readFile: notCalled('readFile'),
      deleteInputs: async (taskId) => {
        deleted.push(`inputs of ${taskId}`);
      },
      deleteFile: async (fileId) => {
        deleted.push(fileId);
      },
      openFile: async () => undefined,
      putVideo: notCalled('putVideo'),
      bucketLink: async (fileId) => `https://bucket.example/${fileId}`,
    },
    ledger,
    firstAttempts: noFirstAttempts,
    keptAnswers: createMemoryKeptAnswers(),
    renderTimes: { expect: async (_kind, typicalSeconds) => ({ typicalSeconds }) },
    limiter: limits.limiter,
    workspaces: {
      find: async (id) => workspaces.get(id),
      rotateCallbackSecret: async (id, rotationId, nowMs) => {
        const found = workspaces.get(id);
        if (found === undefined) return undefined;
        if (found.rotationIds?.includes(rotationId)) return { workspace: found, isReplay: true };
        const previousCallbackSecret = { secret: found.callbackSecret, endsAtMs: nowMs + 86_400_000 };
        const rotated = aWorkspace({
          ...found,
          callbackSecret: 'whsec_rotated',
          previousCallbackSecret,
          rotationIds: [rotationId],
        });
        workspaces.set(id, rotated);
        return { workspace: rotated, isReplay: false };
      },
    },
    attempts: {
      list: async () => ({ attempts: [], hasMore: false }),
      deleteAll: async (taskId) => {
        deleted.push(`attempts of ${taskId}`);
      },
    },
    openResult: async () => undefined,
    sendTest: async () => ({
      sent: true,
      outcome: { delivered: true, statusCode: 204 },
      durationsMs: { total: 12 },
    }),
    startRecovery: async (workspaceId, range) => {
      sent.push({ queue: 'deliver', message: { recovery: { workspaceId, ...range } } });
      return 'begun';
    },
    registry,
    providers: {
      live: {
        registry: registries.live,
        videoProviders: new Set(['kling']),
        imageProviders: {},
        ...providers,
      },
      test: sandboxSet,
    },
    prices: createPriceList(registry, {}),
    budgets,
    workspaceEvents,
    settleBudget,
    linkSigningKey,
    log,
    now,
    pause: async (ms) => {
      clock.nowMs += ms;
    },
    settings: {
      createsPerMinute: 600,
      retentionDays: 30,
      allowPrivateUrls: false,
      extraFields: {},
      typicalSeconds: undefined,
      publicUrl: undefined,
      ...settings,
    },
    ...dependencies,
  });

  return {
    app,
    clock,
    tasks,
    ledger,
    created,
    sent,
    released,
    logged,
    pictures,
    deleted,
    limits,
    budgets,
    workspaceEvents,
    workspaces,
    ...requestsTo(app),
  };
};

/** Whose calls are answered at once. */
const atOnce: Worker = {
  name: 'api',
  now: () => startMs,
  isAlive: () => true,
  call: async (_what, effect) => effect(),
};

/** Nobody has an account with anybody. */
const { test: sandboxSet } = createProviderSets(
  { registries, variables: {}, credentials: { providers: {} } },
  { http: notCalled('http'), openLink: notCalled('openLink') },
);

export type TestApi = ReturnType<typeof createTestApi>;

type Headers = Record<string, string>;

const requestsTo = (app: Hono<ApiEnvironment>) => {
  const request = describedRequests(app);
  const get = (path: string, headers: Headers = {}) =>
    request(`${ownUrl}${path}`, { headers: { authorization: `Bearer ${ownKey}`, ...headers } });
  /** A text is sent as it is, anything else as JSON. */
  const post = (path: string, body?: unknown, headers: Headers = {}) =>
    request(`${ownUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownKey}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const submit = (body: unknown, headers?: Headers) => post('/v1/video/generations', body, headers);
  return { request, get, post, submit };
};

/** Every answer in every test must be one that the OpenAPI document describes. */
const describedRequests = (app: Hono<ApiEnvironment>) => {
  const request = functionUrlOf(app);
  return async (input: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input, ownUrl).href;
    const response = await request(url, init);
    const problems = await undescribed(init.method ?? 'GET', url, response);
    if (problems.length > 0) throw new Error(`Not as /openapi.json says: ${problems.join('; ')}`);
    return response;
  };
};

/** Refuses everything once told to. */
const createMemoryLimiter = () => {
  const taken = { create: 0, read: 0, redeliver: 0, test: 0, recover: 0, rotate: 0, wait: 0, usage: 0 };
  const exhausted = new Set<string>();
  const limiter: RateLimiter = {
    async take(_workspaceId, bucket) {
      if (exhausted.has(bucket)) return { allowed: false, retryAfterSeconds: 17 };
      taken[bucket] += 1;
      return {
        allowed: true,
        giveBack: () => {
          taken[bucket] -= 1;
        },
      };
    },
  };
  return { limiter, taken, exhausted };
};

const noFirstAttempts: FirstAttempts = {
  note: async () => {},
  taskOf: async (_request, ownTaskId) => ownTaskId,
};

function notCalled(name: string) {
  return async (): Promise<never> => {
    throw new Error(`${name} was called`);
  };
}

type ErrorBody = {
  error: { message: string; type: string; code: string; param: string | null };
};

export const errorOf = async (response: Response): Promise<ErrorBody['error']> =>
  ((await response.json()) as ErrorBody).error;
