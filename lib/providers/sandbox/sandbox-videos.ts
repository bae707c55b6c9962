import { clipIdOf } from '../../sandbox/clip-id.ts';
import { hasMagicWord } from '../../sandbox/magic-prompts.ts';
import { failedWords, refusedWords, renderSeconds } from '../../sandbox/outcome.ts';
import { promptOf } from '../../sandbox/prompt.ts';
import { type Clock, secondMs } from '../../time.ts';
import type { SandboxParts } from '../descriptor.ts';
import type { PollOutcome, StartOutcome, VideoAction, VideoProvider, VideoRequest } from '../provider.ts';
import type { SandboxRender } from '../sandbox-renders.ts';

/** How often a prompt with `[busy]` is refused before it is taken. */
const busyRefusals = 2;

type Options = SandboxParts & { name: string; now: Clock };

/** Makes nothing, and does what the words in a prompt say; a video is a clip of the length and shape that was asked for. */
export const createSandboxVideos = ({ name, renders, linkTo, now }: Options): Required<VideoProvider> => {
  const renderOf = (request: VideoRequest, prompt: string): SandboxRender => ({
    createdAtMs: now(),
    readyAtMs: now() + renderSeconds(prompt) * secondMs,
    fails: hasMagicWord(prompt, 'fail'),
    resultUrl: linkTo(clipIdOf(shapeOf(request))),
  });

  const stateOf = ({ readyAtMs, fails, resultUrl }: SandboxRender): PollOutcome => {
    if (now() < readyAtMs) return { status: 'running' };
    return fails ? { status: 'failed', reason: failedWords } : { status: 'succeeded', resultUrl };
  };

  const known = (action: VideoAction, taskId: string, render: SandboxRender) => ({
    operation: { action, id: taskId },
    createdAtMs: render.createdAtMs,
    state: stateOf(render),
  });

  const take = async (request: VideoRequest, prompt: string, taskId: string): Promise<StartOutcome> => {
    const { action } = request;
    if (await renders.create(taskId, renderOf(request, prompt)))
      return hasMagicWord(prompt, 'lost')
        ? { status: 'unclear', detail: 'the sandbox gave no answer, because the prompt says [lost]' }
        : { status: 'accepted', operation: { action, id: taskId } };
    const render = await renders.find(taskId);
    return render === undefined
      ? { status: 'unclear', detail: 'the sandbox has the task, and does not find it' }
      : { status: 'accepted', ...known(action, taskId, render) };
  };

  return {
    name,

    async prepare(request, { taskId }) {
      const prompt = promptOf(request.parameters);
      return async () => {
        if (hasMagicWord(prompt, 'refused')) return { status: 'refused', reason: refusedWords };
        if (hasMagicWord(prompt, 'busy') && (await renders.countRefusal(taskId)) <= busyRefusals)
          return {
            status: 'busy',
            reason: 'full',
            detail: 'the sandbox has no free slot, because the prompt says [busy]',
          };
        return take(request, prompt, taskId);
      };
    },

    async find(action, taskId) {
      const render = await renders.find(taskId);
      return render === undefined
        ? { status: 'not-found' }
        : { status: 'found', ...known(action, taskId, render) };
    },

    async poll({ id }) {
      const render = await renders.find(id);
      return render === undefined ? { status: 'not-found' } : stateOf(render);
    },
  };
};

const shapeOf = ({ parameters }: VideoRequest) => ({
  mode: String(parameters['mode'] ?? ''),
  aspectRatio: String(parameters['aspect_ratio'] ?? ''),
  durationSeconds: Number(parameters['duration'] ?? defaultDurationSeconds),
});

/** Where a request leaves the length to its provider. */
const defaultDurationSeconds = 5;
