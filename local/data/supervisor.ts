import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../lib/observability/log.ts';
import { secondMs } from '../../lib/time.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { CloudPorts } from '../cloud/layout.ts';
import type { DataProcessMessage, DataProcessTask } from './data-process.ts';

export type SupervisedData = Cloud & { processId(): number | undefined };

const minPauseMs = 50;
const maxPauseMs = 5 * secondMs;
const stopWaitMs = 5 * secondMs;

/**
 * Runs the embedded cloud in a process of its own and starts it again, on the same ports, whenever it ends. A crash in
 * there costs its clients a retry, not the gateway its life.
 */
export const superviseData = async (folder: string, log: Log): Promise<SupervisedData> => {
  let child = startChild({ folder });
  const ports = await readiness(child);
  let stopping = false;

  const restart = async () => {
    for (let pauseMs = minPauseMs; !stopping; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
      await sleep(pauseMs);
      if (stopping) return;
      child = startChild({ folder, ports });
      try {
        await readiness(child);
        watch();
        return;
      } catch (error) {
        log.event('local.data-not-started', { error });
      }
    }
  };
  const watch = () => {
    child.once('exit', (exitCode, signal) => {
      if (stopping) return;
      log.event('local.data-ended', { exitCode, signal });
      void restart();
    });
  };
  watch();

  return {
    ports,
    processId: () => child.pid,
    async stop() {
      stopping = true;
      await stopChild(child);
    },
  };
};

const startChild = (task: DataProcessTask): ChildProcess =>
  fork(fileURLToPath(new URL('data-process.ts', import.meta.url)), [JSON.stringify(task)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });

/** Rejects with the process's own words when it says why it cannot run. */
const readiness = (child: ChildProcess): Promise<CloudPorts> =>
  new Promise((resolve, reject) => {
    child.once('message', (message: DataProcessMessage) =>
      'ready' in message ? resolve(message.ready) : reject(new Error(message.failed)),
    );
    child.once('error', reject);
    child.once('exit', (exitCode) => reject(new Error(`The data process ended at its start (${exitCode}).`)));
  });

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.send('stop', () => {});
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopWaitMs);
  await ended;
  clearTimeout(impatience);
};
