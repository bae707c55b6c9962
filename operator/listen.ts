import { setTimeout as pause } from 'node:timers/promises';
import { createEventSender } from '../lib/callbacks/event-sender.ts';
import { currentEnvironment } from '../lib/config.ts';
import { toEpochSeconds } from '../lib/time.ts';
import { complain } from './complain.ts';
import { type ListenArguments, readArguments, usage } from './listen/arguments.ts';
import { createFollow } from './listen/follow.ts';
import { createForward } from './listen/forward.ts';
import { askAtStart, connectToGateway, type Gateway, RefusedError, type Secret } from './listen/gateway.ts';
import { createReport } from './listen/report.ts';
import { createSigning } from './listen/signing.ts';
import { defaultStateFile, type ListenState, openStateFile, type StateFile } from './listen/state-file.ts';

const now = Date.now;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** By the gateway's clock: this machine's may be wrong. */
const firstState = (
  { since }: ListenArguments,
  stored: ListenState | undefined,
  { gatewayNowMs }: Secret,
): ListenState => {
  if (since === undefined && stored !== undefined) return stored;
  if (since !== undefined && 'atMs' in since) return { after: new Date(since.atMs).toISOString(), done: [] };
  const atMs = Math.max(0, gatewayNowMs - (since?.agoMs ?? 0));
  return { after: String(toEpochSeconds(atMs)), done: [] };
};

/** Before it takes the place of the position that is kept. */
const checkBegin = async (gateway: Gateway, begin: ListenState, stored: ListenState | undefined) => {
  try {
    await gateway.check(begin.after);
  } catch (error) {
    if (!(error instanceof RefusedError) || begin !== stored) throw error;
    throw new Error(`${error.message} If that is about the position kept, say with --since where to begin.`, {
      cause: error,
    });
  }
};

const beginning = ({ since }: ListenArguments, stored: ListenState | undefined): string => {
  if (since !== undefined) return 'from --since on';
  return stored === undefined ? 'from now on' : 'from where the last listener stopped';
};

const listen = async (given: ListenArguments, state: StateFile): Promise<never> => {
  const stored = state.read();
  const gateway = connectToGateway(given);
  const secret = await askAtStart(given.gatewayUrl, gateway.secret);
  const begin = firstState(given, stored, secret);
  await askAtStart(given.gatewayUrl, () => checkBegin(gateway, begin, stored));
  state.write(begin);
  const report = createReport({ print, now });
  const send = createEventSender({ allowPrivate: true, now });
  const signing = createSigning({ gateway, first: secret, now, print });
  const forward = createForward({ ...given, send, signing, report, now, pause });
  const follow = createFollow(begin, { gateway, state, forward, print, pause });
  const stop = () => {
    print(report.summary(follow.unsettled()));
    process.exit();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  print(
    `Forwarding events to ${new URL(given.receiverUrl).origin}, ${beginning(given, stored)}. Ctrl-C ends it.`,
  );
  print(`The position is kept in ${state.path}.`);
  return follow.run();
};

try {
  const given = readArguments(process.argv.slice(2), currentEnvironment());
  if (given === 'help') print(usage);
  else await listen(given, openStateFile(given.stateFile ?? defaultStateFile(given)));
} catch (error) {
  process.exit(complain(error, usage));
}
