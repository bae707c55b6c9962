import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, LogFields } from './log.ts';
import { joinMetrics } from './metrics.ts';

type Line = { message: string; fields: LogFields };
type Work = { isOver: boolean; held?: { line: Line; write(): void } };

const works = new AsyncLocalStorage<Work>();

/** What is told (at level info) while the work goes on becomes one line, written when it is over. */
export const inOneLine = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const current: Work = { isOver: false };
  try {
    return await works.run(current, work);
  } finally {
    current.isOver = true;
    current.held?.write();
  }
};

/** A log that joins the lines of {@link inOneLine}. Each line is paid for, and often costs more than what it tells of. */
export const joinLines = (log: Log): Log => ({
  ...log,
  info(message, fields = {}) {
    const work = works.getStore();
    if (work === undefined || work.isOver) return log.info(message, fields);
    const joined = work.held && join(work.held.line, { message, fields });
    if (joined === undefined) work.held?.write();
    const line = joined ?? { message, fields };
    work.held = { line, write: () => log.info(line.message, line.fields) };
  },
});

/** `undefined` where the two say different things under the same name. */
const join = (one: Line, other: Line): Line | undefined => {
  const { _aws: oneMetrics, ...said } = one.fields;
  const { _aws: otherMetrics, ...added } = other.fields;
  const metrics = joinMetrics(oneMetrics, otherMetrics);
  if (metrics === undefined || contradict(said, added)) return undefined;
  return { message: `${one.message}, ${other.message}`, fields: { ...said, ...added, ...metrics } };
};

const contradict = (said: LogFields, added: LogFields): boolean =>
  Object.entries(added).some(([name, value]) => said[name] !== undefined && said[name] !== value);
