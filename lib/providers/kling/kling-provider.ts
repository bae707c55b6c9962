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

/** Kling by its legacy API: https://kling.ai/document-api */
export const createKlingProvider = (options: KlingOptions): Required<VideoProvider> => {
  const authorization = createAuthorization(options.credentials, options.now);
  const send = createTransport({ baseUrl: options.baseUrl, authorization, http: options.http });
  const { deadlinesMs = defaultDeadlinesMs } = options;

  const query = (action: VideoAction, id: string): Promise<Answer | NoAnswer> =>
    send({
      method: 'GET',
      path: `${pathOf[action]}/${encodeURIComponent(id)}`,
      deadlineMs: deadlinesMs.query,
    });

  const wordsOf = ({ message }: Answer, { webhookUrl }: Pick<StartOptions, 'webhookUrl'> = {}): string =>
    quote(message, [...authorization.secrets(), ...(webhookUrl === undefined ? [] : [webhookUrl])]);

  const stateOf = (task: KlingTask, answer: Answer): PollOutcome =>
    pollOutcomeOf(task, options.baseUrl) ?? noState(answer);

  const find = async (action: VideoAction, taskId: string): Promise<FindOutcome> => {
    const answer = await query(action, taskId);
    if ('noAnswer' in answer) return { status: 'unanswered', detail: describeNoAnswer(answer) };
    if (saysNotFound(answer)) return { status: 'not-found' };
    const task = answer.code === 0 ? readTask(answer.data) : undefined;
    if (task === undefined || (task.externalId !== undefined && task.externalId !== taskId))
      return noState(answer);
    return { status: 'found', ...takenAs(action, task), state: stateOf(task, answer) };
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
    const trouble = { detail: describeAnswer(answer), ...codeOf(answer) };
    return fault === 'busy'
      ? { status: fault, reason: busyReasonOf(answer), ...trouble }
      : { status: fault, ...trouble };
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
      const answer = await query(action, id);
      if ('noAnswer' in answer) return { status: 'unanswered', detail: describeNoAnswer(answer) };
      if (saysNotFound(answer)) return { status: 'not-found' };
      const task = answer.code === 0 ? readTask(answer.data) : undefined;
      return task === undefined ? noState(answer) : stateOf(task, answer);
    },
  };
};

/** Without Kling's words, which may tell what the caller asked for. */
const describeAnswer = ({ code, httpStatus }: Answer): string =>
  code === undefined ? `Kling answered HTTP ${httpStatus}` : `Kling answered ${code}`;

const describeNoAnswer = ({ noAnswer }: NoAnswer): string => `no answer from Kling: ${noAnswer}`;

/** Kling's code for what went wrong; 0 means that nothing did. */
const codeOf = ({ code }: Answer) => (code ? { code: String(code) } : {});

/** An answer to a query that does not say how the task is doing. */
const noState = (answer: Answer) => ({
  status: faultOf(answer) === 'operator-fault' ? ('operator-fault' as const) : ('unanswered' as const),
  detail: describeAnswer(answer),
  ...codeOf(answer),
});

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
    ? { status: 'failed', reason: unusableLinkReason, ...chargedFor(task) }
    : { status: 'succeeded', resultUrl, ...chargedFor(task) };
};
