import { type Clock, secondMs } from '../../time.ts';
import type { HttpClient, NoAnswer } from '../http/client.ts';
import { usableLink } from '../http/result-link.ts';
import type {
  FindOutcome,
  PollOutcome,
  StartOptions,
  StartOutcome,
  VideoAction,
  VideoProvider,
} from '../provider.ts';
import { type Answer, type KlingTask, readTask } from './answer.ts';
import { createAuthorization, type KlingCredentials } from './authorization.ts';
import { createBody } from './create-body.ts';
import { busyReasonOf, faultOf, saysAlreadyExists, saysNotFound } from './fault.ts';
import { assetsIn } from './picture-places.ts';
import { failureReason, quote, refusalReason, unusableLinkReason } from './reasons.ts';
import { createTransport } from './transport.ts';

export type KlingOptions = {
  baseUrl: string;
  credentials: KlingCredentials;
  http: HttpClient;
  deadlinesMs?: { create: number; query: number };
  now: Clock;
  /** Reads a picture that a request names as `asset:<id>`. */
  readPicture: (assetId: string) => Promise<Uint8Array>;
};

/** A create with a new token is repeated within seconds, as Kling refuses the old one at once. */
const defaultDeadlinesMs = { create: 30 * secondMs, query: 10 * secondMs };

const pathOf: Readonly<Record<VideoAction, string>> = {
  textGenerate: '/v1/videos/text2video',
  generate: '/v1/videos/image2video',
  omniVideo: '/v1/videos/omni-video',
};

/** A task as Kling answers a query for it, or why it is not known how it does. */
type Queried = { task: KlingTask; state: PollOutcome } | Exclude<FindOutcome, { status: 'found' }>;

/** Kling by its legacy API: https://kling.ai/document-api */
export const createKlingProvider = (options: KlingOptions): Required<VideoProvider> => {
  const authorization = createAuthorization(options.credentials, options.now);
  const send = createTransport({ baseUrl: options.baseUrl, authorization, http: options.http });
  const { deadlinesMs = defaultDeadlinesMs } = options;

  const wordsOf = ({ message }: Answer, { webhookUrl }: Pick<StartOptions, 'webhookUrl'> = {}): string =>
    quote(message, [...authorization.secrets(), ...(webhookUrl === undefined ? [] : [webhookUrl])]);

  /** Asks for a task by Kling's id or by ours. */
  const query = async (action: VideoAction, id: string): Promise<Queried> => {
    const answer = await send({
      method: 'GET',
      path: `${pathOf[action]}/${encodeURIComponent(id)}`,
      deadlineMs: deadlinesMs.query,
    });
    if ('noAnswer' in answer) return { status: 'unanswered', detail: describeNoAnswer(answer) };
    if (saysNotFound(answer)) return { status: 'not-found' };
    const status = faultOf(answer) === 'operator-fault' ? 'operator-fault' : 'unanswered';
    const noState = { status, ...troubleIn(answer) } as const;
    const task = answer.code === 0 ? readTask(answer.data) : undefined;
    if (task === undefined) return noState;
    return { task, state: pollOutcomeOf(task, options.baseUrl) ?? noState };
  };

  const find = async (action: VideoAction, taskId: string): Promise<FindOutcome> => {
    const found = await query(action, taskId);
    if ('status' in found) return found;
    const { task, state } = found;
    if (task.externalId !== undefined && task.externalId !== taskId)
      return { status: 'unanswered', detail: 'Kling answered with another task' };
    return { status: 'found', ...takenAs(action, task), state };
  };

  /** The id is taken because an earlier create arrived after all: that render is ours. */
  const adopt = async (action: VideoAction, taskId: string): Promise<StartOutcome> => {
    const found = await find(action, taskId);
    if (found.status === 'found') return { ...found, status: 'accepted' };
    return { status: 'unclear', detail: 'Kling says that the task exists already, but it was not found' };
  };

  const readStart = (
    answer: Answer | NoAnswer,
    action: VideoAction,
    start: StartOptions,
  ): StartOutcome | Promise<StartOutcome> => {
    if ('noAnswer' in answer) {
      const detail = describeNoAnswer(answer);
      return answer.mayHaveArrived
        ? { status: 'unclear', detail }
        : { status: 'busy', reason: 'unavailable', detail };
    }
    if (answer.code === 0) {
      const task = readTask(answer.data);
      return task === undefined
        ? { status: 'unclear', detail: 'Kling accepted without a task id' }
        : { status: 'accepted', ...takenAs(action, task) };
    }
    if (saysAlreadyExists(answer)) return adopt(action, start.taskId);
    const fault = faultOf(answer);
    if (fault === 'refused')
      return { status: fault, reason: refusalReason(answer, wordsOf(answer, start)), ...codeOf(answer) };
    return fault === 'busy'
      ? { status: fault, reason: busyReasonOf(answer), ...troubleIn(answer) }
      : { status: fault, ...troubleIn(answer) };
  };

  return {
    name: 'kling',

    async prepare(request, startOptions) {
      const ids = assetsIn(request);
      const pictures = new Map(
        await Promise.all(ids.map(async (id) => [id, await options.readPicture(id)] as const)),
      );
      const body = createBody(request, startOptions, pictures);
      const path = pathOf[request.action];
      return async () => {
        const answer = await send({ method: 'POST', path, body, deadlineMs: deadlinesMs.create });
        return readStart(answer, request.action, startOptions);
      };
    },

    find,

    async poll({ action, id }) {
      const found = await query(action, id);
      return 'status' in found ? found : found.state;
    },
  };
};

/** Without Kling's words, which may tell what the caller asked for. */
const troubleIn = (answer: Answer) => {
  const { code, httpStatus } = answer;
  return { detail: `Kling answered ${code ?? `HTTP ${httpStatus}`}`, ...codeOf(answer) };
};

const describeNoAnswer = ({ noAnswer }: NoAnswer): string => `no answer from Kling: ${noAnswer}`;

/** Kling's code for what went wrong; 0 means that nothing did. */
const codeOf = ({ code }: Answer) => (code ? { code: String(code) } : {});

const takenAs = (action: VideoAction, { id, createdAtMs }: KlingTask) => ({
  operation: { action, id },
  ...(createdAtMs !== undefined && { createdAtMs }),
});

const pollOutcomeOf = (task: KlingTask, baseUrl: string): PollOutcome | undefined => {
  switch (task.status) {
    case 'submitted':
      return { status: 'queued' };
    case 'processing':
      return { status: 'running' };
    case 'succeed':
      return resultOf(task, baseUrl);
    case 'failed':
      return { status: 'failed', reason: failureReason(quote(task.statusMessage, [])), ...chargedFor(task) };
    default:
      return undefined;
  }
};

const chargedFor = ({ units }: KlingTask) => (units === undefined ? {} : { units });

const resultOf = (task: KlingTask, baseUrl: string): PollOutcome => {
  const { videoUrl } = task;
  if (videoUrl === undefined)
    return { status: 'unanswered', detail: 'Kling says that the video is ready, but gives no link yet' };
  const resultUrl = usableLink(videoUrl, baseUrl);
  return resultUrl === undefined
    ? { status: 'failed', reason: unusableLinkReason, wasMade: true, ...chargedFor(task) }
    : { status: 'succeeded', resultUrl, ...chargedFor(task) };
};
