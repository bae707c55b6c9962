import type {
  FindOutcome,
  PollOutcome,
  StartOptions,
  StartOutcome,
  VideoProvider,
} from '../../lib/providers/provider.ts';

type Script = { start?: StartOutcome[]; find?: FindOutcome[]; poll?: PollOutcome[] };

/** A provider that gives the answers that it was told, one after another, and remembers what it was asked. */
export const createScriptedProvider = (script: Script) => {
  const asked: string[] = [];
  const starts: StartOptions[] = [];
  const next = <Outcome>(method: string, outcomes: Outcome[] | undefined): Outcome => {
    asked.push(method);
    const outcome = outcomes?.shift();
    if (outcome === undefined) throw new Error(`The script has no further answer to ${method}.`);
    return outcome;
  };
  const provider: VideoProvider = {
    name: 'scripted',
    async prepare(_request, options) {
      return async () => {
        starts.push(options);
        return next('start', script.start);
      };
    },
    async find() {
      return next('find', script.find);
    },
    async poll() {
      return next('poll', script.poll);
    },
  };
  return { provider, asked, starts };
};
