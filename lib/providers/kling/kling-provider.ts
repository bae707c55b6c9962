import { type Clock, secondMs } from '../../time.ts';
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
import { failureReason, quote, refusalReason } from './reasons.ts';
import { createTransport, type Silence } from './transport.ts';

export type KlingOptions = {
  baseUrl: string;
  credentials: KlingCredentials;
  fetch: typeof fetch;
  now: Clock;
  /** Reads a picture that a request names as `asset:<id>`. */
  readPicture: (assetId: string) => Promise<Uint8Array>;
};

/** A create that is repeated with a new token still ends within this. */
const createDeadlineMs = 30 * secondMs;
const queryDeadlineMs = 10 * secondMs;

const pathOf: Readonly<Record<VideoAction, string>> = {
  textGenerate: '/v1/videos/text2video',
  generate: '/v1/videos/image2video',
  omniVideo: '/v1/videos/omni-video',
};

/** Kling by its legacy API: https://kling.ai/document-api */
export const createKlingProvider = (options: KlingOptions): Required<VideoProvider> => {
  const authorization = createAuthorization(options.credentials, options.now);
  const send = createTransport({ baseUrl: options.baseUrl, authorization, fetch: options.fetch });

  const query = (action: VideoAction, id: string): Promise<Answer | Silence> =>
    send('GET', `${pathOf[action]}/${encodeURIComponent(id)}`, AbortSignal.timeout(queryDeadlineMs));

  const wordsOf = ({ message }: Answer, { pushUrl }: Pick<StartOptions, 'pushUrl'> = {}): string =>
    quote(message, [...authorization.secrets(), ...(pushUrl === undefined ? [] : [pushUrl])]);

  const describe = (answer: Answer, start?: StartOptions): string => {
    const { code, httpStatus } = answer;
    const words = wordsOf(answer, start);
    return code === undefined ? `Kling answered HTTP ${httpStatus}` : `Kling answered ${code}: ${words}`;
  };

  const stateOf = (task: KlingTask, answer: Answer): PollOutcome =>
    pollOutcomeOf(task) ?? { status: 'unanswered', detail: describe(answer), ...codeOf(answer) };

  const find = async (action: VideoAction, taskId: string): Promise<FindOutcome> => {
    const answer = await query(action, taskId);
    if ('silence' in answer) return { status: 'unanswered', detail: answer.silence };
    if (saysNotFound(answer)) return { status: 'not-found' };
    const task = answer.code === 0 ? readTask(answer.data) : undefined;
    if (task === undefined || (task.externalId !== undefined && task.externalId !== taskId))
      return { status: 'unanswered', detail: describe(answer), ...codeOf(answer) };
    return { status: 'found', ...takenAs(action, task), state: stateOf(task, answer) };
  };

  /** The id is taken because an earlier create arrived after all: that render is ours. */
  const adopt = async (action: VideoAction, taskId: string): Promise<StartOutcome> => {
    const found = await find(action, taskId);
    if (found.status === 'found') return { ...found, status: 'accepted' };
    return { status: 'unclear', detail: 'Kling says that the task exists already, but it was not found' };
  };

  const readStart = (
    answer: Answer | Silence,
    action: VideoAction,
    start: StartOptions,
  ): StartOutcome | Promise<StartOutcome> => {
    if ('silence' in answer)
      return answer.notSent
        ? { status: 'busy', reason: 'unavailable', detail: answer.silence }
        : { status: 'unclear', detail: answer.silence };
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
    const trouble = { detail: describe(answer, start), ...codeOf(answer) };
    return fault === 'busy'
      ? { status: fault, reason: busyReasonOf(answer), ...trouble }
      : { status: fault, ...trouble };
  };

  return {
    name: 'kling',

    async start(request, startOptions) {
      const ids = assetsIn(request);
      const pictures = new Map(
        await Promise.all(ids.map(async (id) => [id, await options.readPicture(id)] as const)),
      );
      const body = createBody(request, startOptions, pictures);
      const deadline = AbortSignal.timeout(createDeadlineMs);
      const answer = await send('POST', pathOf[request.action], deadline, body);
      return readStart(answer, request.action, startOptions);
    },

    find,

    async poll({ action, id }) {
      const answer = await query(action, id);
      if ('silence' in answer) return { status: 'unanswered', detail: answer.silence };
      if (saysNotFound(answer)) return { status: 'not-found' };
      const task = answer.code === 0 ? readTask(answer.data) : undefined;
      return task === undefined
        ? { status: 'unanswered', detail: describe(answer), ...codeOf(answer) }
        : stateOf(task, answer);
    },
  };
};

/** Kling's code for what went wrong; 0 means that nothing did. */
const codeOf = ({ code }: Answer) => (code ? { code: String(code) } : {});

const takenAs = (action: VideoAction, { id, createdAtMs }: KlingTask) => ({
  operation: { action, id },
  ...(createdAtMs !== undefined && { createdAtMs }),
});

const pollOutcomeOf = (task: KlingTask): PollOutcome | undefined => {
  switch (task.status) {
    case 'submitted':
      return { status: 'queued' };
    case 'processing':
      return { status: 'running' };
    case 'succeed':
      return task.videoUrl !== undefined && URL.canParse(task.videoUrl)
        ? { status: 'succeeded', resultUrl: task.videoUrl }
        : { status: 'unanswered', detail: 'Kling says that the video is ready, but gives no link yet' };
    case 'failed':
      return { status: 'failed', reason: failureReason(quote(task.statusMessage, [])) };
    default:
      return undefined;
  }
};
