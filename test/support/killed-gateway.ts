import { onTestFinished } from 'vitest';
import { type FakeKling, startFakeKling } from '../../local/fakes/kling.ts';
import { aFolder } from './a-folder.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';

type KilledGateway = {
  /** Outside, so that it lives on. */
  kling: FakeKling;
  variables: Record<string, string>;
  /** As it runs now. */
  gateway(): GatewayProcess;
  /** Kills it and the data process under it, and starts it again with a clock that is ahead by so much more. */
  restart(laterMs: number): Promise<void>;
};

/** `npm start` with a Kling of a second and room for so many renders, to be killed again and again. */
export const aGatewayToKill = async (slots: number): Promise<KilledGateway> => {
  const kling = await startFakeKling({ apiKey: 'kling-key', seconds: 1 });
  onTestFinished(kling.close);
  kling.behave({ slots });
  const variables = {
    DATA_DIR: await aFolder(),
    KLING_BASE_URL: kling.url,
    KLING_API_KEY: 'kling-key',
    TYPICAL_RENDER_SECONDS: '1',
    LOG_LEVEL: 'error',
  };
  let aheadMs = 0;
  let gateway = await startGateway(variables);
  return {
    kling,
    variables,
    gateway: () => gateway,
    async restart(laterMs) {
      await gateway.killAll();
      aheadMs += laterMs;
      gateway = await startGateway(variables, { aheadMs });
    },
  };
};
