import type { FakeKling } from '../../local/fakes/kling.ts';
import type { Deployment } from '../../operator/deployment.ts';
import type { Receiver } from '../support/receiver.ts';
import type { CallEndpoint } from './endpoint.ts';
import type { MiniStack } from './ministack.ts';

/** What the steps of the rehearsal share. Each one may add what later ones need. */
export type Rehearsal = {
  cloud: MiniStack;
  kling: FakeKling;
  klingKey: string;
  receiver: Receiver;
  folder: string;
  stack: string;
  cdk(...args: string[]): Promise<void>;
  deployed?: {
    gateway: Deployment;
    workspaceId: string;
    callbackSecret: string;
    call: CallEndpoint;
  };
};

export type Step = (rehearsal: Rehearsal) => Promise<void>;

/** What the steps before have made. */
export const deployedIn = ({ deployed }: Rehearsal): NonNullable<Rehearsal['deployed']> => {
  if (!deployed) throw new Error('nothing is deployed yet');
  return deployed;
};
