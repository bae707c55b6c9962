export type Marks = {
  startedAtMs: number;
  resolvedAtMs?: number;
  connectedAtMs?: number;
  securedAtMs?: number;
  answeredAtMs?: number;
};

/** How long each stage took; one that was not reached, or not needed, is absent. */
export type Durations = { dns?: number; connect?: number; tls?: number; firstByte?: number; total: number };

/** What an attempt was doing when it ended. */
export type Stage = 'dns' | 'connect' | 'tls' | 'answer';

export const durationsOf = (marks: Marks, endedAtMs: number): Durations => {
  const { startedAtMs, resolvedAtMs, connectedAtMs, securedAtMs, answeredAtMs } = marks;
  const total = endedAtMs - startedAtMs;
  return {
    ...(resolvedAtMs !== undefined && { dns: resolvedAtMs - startedAtMs }),
    ...(connectedAtMs !== undefined && { connect: connectedAtMs - (resolvedAtMs ?? startedAtMs) }),
    ...(securedAtMs !== undefined && { tls: securedAtMs - (connectedAtMs ?? startedAtMs) }),
    ...(answeredAtMs !== undefined && {
      firstByte: answeredAtMs - (securedAtMs ?? connectedAtMs ?? startedAtMs),
    }),
    total,
  };
};

/** `named`: the host is a name and had to be resolved. `secure`: the connection needs TLS. */
export const stageOf = (marks: Marks, { named, secure }: { named: boolean; secure: boolean }): Stage => {
  if (named && marks.resolvedAtMs === undefined) return 'dns';
  if (marks.connectedAtMs === undefined) return 'connect';
  if (secure && marks.securedAtMs === undefined) return 'tls';
  return 'answer';
};
