import type { Workspace } from '../../lib/keys/workspace.ts';
import { minuteMs } from '../../lib/time.ts';
import type { Gateway, Secret } from './gateway.ts';

const refreshMs = minuteMs;

type Dependencies = {
  gateway: Pick<Gateway, 'secret'>;
  first: Secret;
  now(): number;
  print(line: string): void;
};

const forwarded = { id: 'forwarded', createdAtMs: 0, livemode: true };

/** The secrets that sign now. After a rotation both do, as long as the gateway says, if this listener knew the one before. */
export const createSigning = ({ gateway, first, now, print }: Dependencies) => {
  let askedAtMs = now();
  let workspace: Workspace = { ...forwarded, callbackSecret: first.secret };

  const refresh = async (): Promise<void> => {
    askedAtMs = now();
    const { secret, previousEndsAtMs } = await gateway.secret();
    if (secret === workspace.callbackSecret) return;
    workspace = {
      ...forwarded,
      callbackSecret: secret,
      ...(previousEndsAtMs !== undefined && {
        previousCallbackSecret: { secret: workspace.callbackSecret, endsAtMs: previousEndsAtMs },
      }),
    };
    print(
      `The signing secret was rotated. ${
        previousEndsAtMs === undefined
          ? 'Only the new one signs now'
          : `Both sign until ${new Date(previousEndsAtMs).toISOString()}`
      }: give your receiver the new one (GET /v1/callbacks/secret).`,
    );
  };

  return async (): Promise<Workspace> => {
    // While the gateway is away, the secret that is known goes on signing.
    if (now() - askedAtMs >= refreshMs) await refresh().catch(() => undefined);
    return workspace;
  };
};
export type Signing = ReturnType<typeof createSigning>;
