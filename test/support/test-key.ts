import { carryOut } from '../../operator/command-line.ts';
import type { Deployment } from '../../operator/deployment.ts';
import { keysProgram } from '../../operator/keys-program.ts';

type MadeKey = { key: string; callback_secret: string; workspace: string };

/** A key as `npm run keys -- create --test` makes it. */
export const makeTestKey = async (
  deployment: Omit<Deployment, 'allowPrivate' | 'close'>,
): Promise<MadeKey> => {
  const open = async () => ({ ...deployment, allowPrivate: true, close: async () => undefined });
  const args = ['create', '--name', 'ci', '--test', '--json'];
  return JSON.parse(await carryOut(keysProgram, args, open, Date.now)) as MadeKey;
};
