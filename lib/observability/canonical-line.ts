import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields, LogLine, WriteLine } from './log.ts';
import { mergeMetrics } from './metrics.ts';

type Work = { isOver: boolean; held?: { line: LogLine; write: WriteLine } };

const works = new AsyncLocalStorage<Work>();

/** What is told (at level info) while the work goes on becomes one line, the canonical one, written when it is over. */
export const withCanonicalLine = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const current: Work = { isOver: false };
  try {
    return await works.run(current, work);
  } finally {
    current.isOver = true;
    writeHeld(current);
  }
};

const writeHeld = ({ held }: Work): void => held?.write(held.line);

/** Joins the lines of {@link withCanonicalLine}. Each line is paid for, and often costs more than what it tells of. */
export const canonicalLines =
  (write: WriteLine): WriteLine =>
  (line) => {
    const work = works.getStore();
    if (line.level !== 'info' || work === undefined || work.isOver) return write(line);
    const joined = work.held && join(work.held.line, line);
    if (joined === undefined) writeHeld(work);
    work.held = { line: joined ?? line, write };
  };

/** `undefined` where the two say different things under the same name. */
const join = (one: LogLine, other: LogLine): LogLine | undefined => {
  const { _aws: oneMetrics, ...said } = one.fields;
  const { _aws: otherMetrics, ...added } = other.fields;
  const metrics = mergeMetrics(oneMetrics, otherMetrics);
  if (metrics === undefined || contradict(said, added)) return undefined;
  return {
    level: one.level,
    event: `${one.event}, ${other.event}`,
    message: `${one.message}, ${other.message}`,
    fields: { ...said, ...added, ...metrics },
  };
};

const contradict = (said: LogFields, added: LogFields): boolean =>
  Object.entries(added).some(([name, value]) => said[name] !== undefined && said[name] !== value);
