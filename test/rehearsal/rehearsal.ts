import type { FakeKling } from '../../local/fakes/kling.ts';
import type { Deployment } from '../../operator/deployment.ts';
import type { Receiver } from '../support/receiver.ts';
import type { CallEndpoint } from './endpoint.ts';
import type { MiniStack } from './ministack.ts';

/** Somebody with an API key. */
export type Client = { workspaceId: string; callbackSecret: string; call: CallEndpoint };

/** What the steps of the rehearsal share. Each one may add what later ones need. */
export type Rehearsal = {
  cloud: MiniStack;
  kling: FakeKling;
  klingKey: string;
  receiver: Receiver;
  folder: string;
  stack: string;
  cdk(...args: string[]): Promise<void>;
  /** Tells what happens, in a line. */
  say(line: string): void;
  deployed?: { gateway: Deployment; endpointUrl: string; test: Client; live?: Client };
};

export type Step = (rehearsal: Rehearsal) => Promise<void>;

/** What the steps before have made. */
export const deployedIn = ({ deployed }: Rehearsal): NonNullable<Rehearsal['deployed']> => {
  if (!deployed) throw new Error('nothing is deployed yet');
  return deployed;
};
