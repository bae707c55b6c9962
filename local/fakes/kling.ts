import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isJsonObject } from '../../lib/json.ts';
import type { Log } from '../../lib/observability/log.ts';
import { listenOnLoopback, loopback, stopListening } from '../cloud/loopback.ts';
import { type Access, accessRefusal } from './kling-access.ts';
import { type Behaviour, type CreateFault, faultAskedFor, promptOf, renderOf } from './kling-behaviour.ts';
import { type Reply, refuse, send, succeed } from './kling-reply.ts';
import { type Body, modeOf, refusalOf } from './kling-rules.ts';
import { createRenders, type Kind, kinds, type Render, statusAt } from './kling-tasks.ts';
import { unitsOf } from './kling-units.ts';
import { sendVideo } from './kling-video.ts';
import { createWebhooks } from './kling-webhooks.ts';

export type FakeKlingOptions = Access & {
  /** 0 or absent: any free one. */
  port?: number;
  /** How long a render takes. */
  seconds: number;
  /** Where renders are kept; absent: in memory. */
  dataFile?: string;
  /** At the end of each link; the real ones are long. */
  linkQuery?: string;
  /** `whsec_…`; with it, webhooks are signed. */
  webhookSecret?: string;
  log?: Log;
  now?: () => number;
};

type RecordedRequest = { method: string; path: string; body: string };

export type FakeKling = {
  url: string;
  /** Everything that was asked, in order. */
  requests: readonly RecordedRequest[];
  behave(changes: Partial<Behaviour>): void;
  /** Ends the render of this external id now, however long it would take. */
  end(externalTaskId: string): void;
  /** How often a render was asked for under this external id, and how often one was made. */
  tally(externalTaskId: string): { asked: number; made: number };
  close(): Promise<void>;
};

const replyTo: Readonly<Record<CreateFault, Reply>> = {
  busy: refuse(429, 1303, 'parallel task over resource pack limit'),
  'too-fast': refuse(429, 1302, 'request too fast'),
  content: refuse(400, 1301, 'Trigger strategy of the platform'),
  arrears: refuse(429, 1102, 'Account balance not enough'),
  'internal-error': refuse(500, 5000, 'Internal error'),
  reset: 'reset',
  lost: 'reset',
  'lost-internal-error': refuse(500, 5000, 'Internal error'),
  'no response': 'no response',
};
const results = '/results/';
/** Faults after which the render is made all the same. */
const takenAllTheSame: readonly CreateFault[] = ['lost', 'lost-internal-error', 'no response'];

/** A strict Kling on this machine: the legacy video API with its checks, limits and webhooks. */
export const startFakeKling = async (options: FakeKlingOptions): Promise<FakeKling> => {
  const { now = Date.now, log } = options;
  const renders = createRenders(options.dataFile);
  const requests: RecordedRequest[] = [];
  const asked = new Map<string, number>();
  const behaviour: Behaviour = {
    creates: [],
    queries: [],
    downloads: [],
    failure: undefined,
    seconds: options.seconds,
    webhooks: 'once',
    slots: 20,
  };

  const describe = (render: Render, atMs = now()): object => {
    const status = statusAt(render, atMs);
    const link = `${url}${results}${render.taskId}.mp4${options.linkQuery ?? ''}`;
    const video = { id: render.taskId, url: link, duration: `${render.durationSeconds}.0` };
    return {
      task_id: render.taskId,
      task_status: status,
      task_status_msg: status === 'failed' ? render.failure : '',
      task_info: render.externalTaskId === undefined ? {} : { external_task_id: render.externalTaskId },
      task_result:
        status === 'succeed'
          ? { videos: [{ ...video, ...(render.watermark && { watermark_url: link }) }] }
          : {},
      ...(status === 'succeed' && { final_unit_deduction: render.units }),
      created_at: render.createdAtMs,
      updated_at: Math.min(atMs, render.endsAtMs),
    };
  };

  const webhooks = createWebhooks({
    renders,
    describe,
    sending: () => behaviour.webhooks,
    now,
    webhookSecret: options.webhookSecret,
    log,
  });

  const make = (kind: Kind, body: Body): Render => {
    const { seconds, failure } = renderOf(body, behaviour);
    const createdAtMs = now();
    const render = renders.add({
      kind,
      model: String(body['model_name']),
      externalTaskId: textIn(body, 'external_task_id'),
      callbackUrl: textIn(body, 'callback_url'),
      watermark: (body['watermark_info'] as Body | undefined)?.['enabled'] === true,
      prompt: promptOf(body),
      mode: modeOf(kind, body),
      aspectRatio: textIn(body, 'aspect_ratio') ?? '16:9',
      durationSeconds: textIn(body, 'duration') ?? '5',
      units: unitsOf(kind, body),
      createdAtMs,
      endsAtMs: createdAtMs + seconds * 1_000,
      failure,
    });
    webhooks.follow(render);
    return render;
  };

  const create = (kind: Kind, text: string): Reply => {
    const body = parseBody(text);
    if (body === undefined) return refuse(400, 1200, 'Invalid request: the body is not a JSON object');
    const refusal = refusalOf(kind, body);
    if (refusal !== undefined) return refuse(400, 1201, refusal);
    const id = textIn(body, 'external_task_id') ?? '';
    const askedBefore = asked.get(id) ?? 0;
    asked.set(id, askedBefore + 1);
    const fault = behaviour.creates.shift() ?? faultAskedFor(body, askedBefore);
    const isTaken = fault === undefined || takenAllTheSame.includes(fault);
    if (id !== '' && renders.countOf(id) > 0)
      return refuse(400, 1201, `External_task_id ${id} already exists`);
    if (!isTaken) return replyTo[fault];
    if (renders.countRunning(String(body['model_name']), now()) >= behaviour.slots) return replyTo.busy;
    const render = make(kind, body);
    if (fault !== undefined) return replyTo[fault];
    const { task_result: _result, task_status_msg: _message, ...created } = describe(render) as Body;
    return succeed(created);
  };

  const query = (kind: Kind, id: string): Reply => {
    const fault = behaviour.queries.shift();
    if (fault === 'reset' || fault === 'unreadable') return fault;
    if (fault === 'internal-error') return replyTo['internal-error'];
    const render = fault === 'not-found' ? undefined : renders.find(kind, id);
    if (render === undefined) return refuse(400, 1201, `Task not found by id/external id: ${id}`);
    return succeed(describe(render));
  };

  const list = (kind: Kind, parameters: URLSearchParams): Reply => {
    const page = Number(parameters.get('pageNum') ?? 1);
    const size = Number(parameters.get('pageSize') ?? 30);
    if (!(page >= 1 && page <= 1_000)) return refuse(400, 1201, `pageNum value '${page}' is invalid`);
    if (!(size >= 1 && size <= 500)) return refuse(400, 1201, `pageSize value '${size}' is invalid`);
    return succeed(renders.list(kind, (page - 1) * size, size).map((render) => describe(render)));
  };

  const answer = (request: IncomingMessage, path: string, text: string): Reply => {
    const refusal = accessRefusal(request.headers.authorization, options, now());
    if (refusal !== undefined) return refuse(401, refusal.code, refusal.message);
    const { pathname, searchParams } = new URL(path, 'http://kling');
    const [, version, videos, kindText, id, ...rest] = pathname.split('/');
    const kind = kinds.find((known) => known === kindText);
    if (version !== 'v1' || videos !== 'videos' || kind === undefined || rest.length > 0)
      return refuse(404, 1203, 'The requested resource does not exist');
    if (request.method === 'GET')
      return id === undefined ? list(kind, searchParams) : query(kind, decode(id));
    if (request.method !== 'POST' || id !== undefined)
      return refuse(404, 1202, 'Request method is not supported');
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refuse(400, 1200, 'Invalid request: the content type must be application/json');
    return create(kind, text);
  };

  const respond = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const path = request.url ?? '/';
    if (path.startsWith(results)) {
      const render = renders.findAny(path.slice(results.length).replace(/\.mp4(\?.*)?$/, ''));
      sendVideo({ request, response, render, fault: behaviour.downloads.shift() });
      return;
    }
    requests.push({ method: request.method ?? '', path, body });
    send(response, answer(request, path, body));
  };

  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    try {
      respond(request, response, body);
    } catch (error) {
      // A full disk, for example; it must not end the process.
      log?.event('local.fake-unkept', { error });
      send(response, replyTo['internal-error']);
    }
  });
  const url = `http://${loopback}:${await listenOnLoopback(server, options.port ?? 0)}`;
  for (const render of renders.untold()) webhooks.follow(render);

  return {
    url,
    requests,
    behave: (changes) => void Object.assign(behaviour, structuredClone(changes)),
    end(id) {
      const render = renders.findAny(id);
      if (render !== undefined) webhooks.follow(renders.endAt(render, now()));
    },
    tally: (id) => ({ asked: asked.get(id) ?? 0, made: renders.countOf(id) }),
    async close() {
      webhooks.stop();
      await stopListening(server);
      renders.close();
    },
  };
};

const textIn = (body: Body, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
};

const parseBody = (text: string): Body | undefined => {
  try {
    const body: unknown = JSON.parse(text);
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
};

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};
