import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryFile } from '../cdk/bundle-options.ts';
import type { FunctionName } from '../lib/limits.ts';
import type { PollMessage } from '../lib/tasks/wake-ups.ts';
import { startBenchCloud } from './support/bench-cloud.ts';
import { type Bundle, benchFile, makeBundle } from './support/bundles.ts';
import { type ColdStart, cpuShareOf, startCold } from './support/cold-start.ts';
import { acceptEvent, queueEvent } from './support/events.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

export const about = 'start of each bundle in a fresh process, beside Hono hello world (P1)';

const runs = 15;
/** The memory that P1 is stated for. */
const smallMemoryMb = 256;

type Subject = { name: string; bundle: Bundle; event: object; isOurs: boolean };

const unknownTask = { taskId: 'task_00000000000000000000000000000000' };
const workers = ['submit-video', 'make-image', 'poll-video', 'deliver', 'sweep'] as const;
const poll: PollMessage = { ...unknownTask, generation: 1, notFound: 0 };
const workerEvents: Record<(typeof workers)[number], object> = {
  'submit-video': queueEvent(unknownTask),
  'make-image': queueEvent(unknownTask),
  'poll-video': queueEvent(poll),
  deliver: queueEvent({ ...unknownTask, eventId: 'evt_00000000000000000000000000000000' }),
  sweep: {},
};

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  try {
    const runner = await makeBundle(benchFile('support/cold-instance.ts'), join(folder, 'runner'));
    const accept = acceptEvent(cloud.apiKey);
    const yardstick = async (file: string, event: object): Promise<Subject> => ({
      name: file,
      bundle: await makeBundle(benchFile(`yardsticks/${file}.ts`), join(folder, file), {
        alias: {},
        splitting: false,
      }),
      event,
      isOurs: false,
    });
    const ours = async (name: FunctionName, event: object): Promise<Subject> => ({
      name,
      bundle: await makeBundle(entryFile(name), join(folder, name)),
      event,
      isOurs: true,
    });
    const subjects: Subject[] = [
      await yardstick('hono-hello', accept),
      await yardstick('aws-clients', {}),
      await ours('api', accept),
    ];
    for (const name of workers) subjects.push(await ours(name, workerEvents[name]));

    const deployed = { ...cloud.variables, KLING_API_KEY: 'bench' };
    const start = (subject: Subject, cpuShare?: number) =>
      startCold({
        runner: runner.file,
        bundle: subject.bundle.file,
        event: subject.event,
        variables: subject.isOurs ? deployed : cloud.variables,
        ...(cpuShare !== undefined && { cpuShare }),
      });
    const full = await alternate(subjects, (subject) => start(subject));
    const small = await alternate(subjects, (subject) => start(subject, cpuShareOf(smallMemoryMb)));
    report(subjects, full, small);
  } finally {
    cloud.stop();
    await rm(folder, { recursive: true });
  }
};

/** Each subject in turn, so that whatever else the machine does hits all alike. */
const alternate = async (subjects: Subject[], measure: (subject: Subject) => Promise<ColdStart>) => {
  const measured = new Map<Subject, ColdStart[]>(subjects.map((subject) => [subject, []]));
  for (let run = 0; run < runs; run += 1)
    for (const subject of subjects) measured.get(subject)?.push(await measure(subject));
  return (subject: Subject, figure: (start: ColdStart) => number): number =>
    median((measured.get(subject) ?? []).map(figure));
};

type Figures = Awaited<ReturnType<typeof alternate>>;

const report = (subjects: Subject[], full: Figures, small: Figures) => {
  const [hello] = subjects;
  if (hello === undefined) return;
  const cpu = ({ initCpuMs, firstCpuMs }: ColdStart) => initCpuMs + firstCpuMs;
  const wall = ({ firstWallMs }: ColdStart) => firstWallMs;
  printTable(
    `Cold start: CPU ms, median of ${runs} fresh processes each; first request at the CPU share of ${smallMemoryMb} MB`,
    [
      'handler',
      'KB',
      'gzip KB',
      'KB later',
      'init',
      'first',
      'sum',
      '× hello',
      'RSS MB',
      'first at share, ms',
      '× hello',
    ],
    subjects.map((subject) => [
      subject.name,
      Math.round(subject.bundle.bytes / 1024),
      Math.round(subject.bundle.gzipBytes / 1024),
      Math.round(subject.bundle.lateBytes / 1024),
      full(subject, ({ initCpuMs }) => initCpuMs),
      full(subject, ({ firstCpuMs }) => firstCpuMs),
      full(subject, cpu),
      full(subject, cpu) / full(hello, cpu),
      full(subject, ({ rssMb }) => rssMb),
      small(subject, wall),
      small(subject, wall) / small(hello, wall),
    ]),
  );
};
