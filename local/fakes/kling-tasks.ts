import { DatabaseSync } from 'node:sqlite';

export const kinds = ['text2video', 'image2video', 'omni-video'] as const;
export type Kind = (typeof kinds)[number];
type RenderStatus = 'submitted' | 'processing' | 'succeed' | 'failed';

export type Render = {
  taskId: string;
  kind: Kind;
  model: string;
  externalTaskId: string | undefined;
  callbackUrl: string | undefined;
  watermark: boolean;
  prompt: string;
  mode: string;
  aspectRatio: string;
  durationSeconds: string;
  /** What it is charged if it succeeds. */
  units: string | undefined;
  createdAtMs: number;
  endsAtMs: number;
  /** Why it will fail; absent: it will succeed. */
  failure: string | undefined;
  /** The last status that was told. */
  toldStatus: RenderStatus | undefined;
};

/** Where a render stands: queued for a fifth of its time, then rendering, then ended. */
export const statusAt = ({ createdAtMs, endsAtMs, failure }: Render, nowMs: number): RenderStatus => {
  if (nowMs >= endsAtMs) return failure === undefined ? 'succeed' : 'failed';
  return nowMs >= processingFrom({ createdAtMs, endsAtMs }) ? 'processing' : 'submitted';
};

export const processingFrom = ({ createdAtMs, endsAtMs }: Pick<Render, 'createdAtMs' | 'endsAtMs'>): number =>
  createdAtMs + (endsAtMs - createdAtMs) / 5;

export type Renders = {
  add(render: Omit<Render, 'taskId' | 'toldStatus'>): Render;
  endAt(render: Render, endsAtMs: number): Render;
  /** By Kling's id or the caller's own. */
  find(kind: Kind, id: string): Render | undefined;
  /** Of whichever kind, by either id. */
  findAny(id: string): Render | undefined;
  list(kind: Kind, offset: number, limit: number): Render[];
  countRunning(model: string, nowMs: number): number;
  countOf(externalTaskId: string): number;
  /** Renders whose end was not told yet. */
  untold(): Render[];
  markTold(taskId: string, status: RenderStatus): void;
  close(): void;
};

const firstTaskId = 867_283_741_759_111_202n;

/** The fake's memory. In a file it survives the process, however that ends. */
export const createRenders = (dataFile = ':memory:'): Renders => {
  const database = new DatabaseSync(dataFile);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS renders (
      number INTEGER PRIMARY KEY, task_id TEXT UNIQUE, kind TEXT, model TEXT, external_task_id TEXT UNIQUE,
      ends_at_ms REAL, told_status TEXT, render TEXT
    )`);
  const read = (row: Record<string, unknown> | undefined): Render | undefined =>
    row && { ...JSON.parse(String(row['render'])), toldStatus: row['told_status'] ?? undefined };
  const readAll = (rows: Record<string, unknown>[]): Render[] => rows.flatMap((row) => read(row) ?? []);
  const count = (row: Record<string, unknown> | undefined) => Number(row?.['count'] ?? 0);

  return {
    add(values) {
      const number = count(database.prepare('SELECT COUNT(*) AS count FROM renders').get()) + 1;
      const render = { ...values, taskId: String(firstTaskId + BigInt(number)), toldStatus: undefined };
      database
        .prepare('INSERT INTO renders VALUES (?, ?, ?, ?, ?, ?, NULL, ?)')
        .run(
          number,
          render.taskId,
          render.kind,
          render.model,
          render.externalTaskId ?? null,
          render.endsAtMs,
          JSON.stringify(render),
        );
      return render;
    },
    endAt(render, endsAtMs) {
      const ended = { ...render, endsAtMs };
      database
        .prepare('UPDATE renders SET ends_at_ms = ?, render = ? WHERE task_id = ?')
        .run(endsAtMs, JSON.stringify(ended), render.taskId);
      return ended;
    },
    find: (kind, id) =>
      read(
        database
          .prepare('SELECT * FROM renders WHERE kind = ? AND (task_id = ? OR external_task_id = ?)')
          .get(kind, id, id),
      ),
    findAny: (id) =>
      read(database.prepare('SELECT * FROM renders WHERE task_id = ? OR external_task_id = ?').get(id, id)),
    list: (kind, offset, limit) =>
      readAll(
        database
          .prepare('SELECT * FROM renders WHERE kind = ? ORDER BY number DESC LIMIT ? OFFSET ?')
          .all(kind, limit, offset),
      ),
    countRunning: (model, nowMs) =>
      count(
        database
          .prepare('SELECT COUNT(*) AS count FROM renders WHERE model = ? AND ends_at_ms > ?')
          .get(model, nowMs),
      ),
    countOf: (id) =>
      count(database.prepare('SELECT COUNT(*) AS count FROM renders WHERE external_task_id = ?').get(id)),
    untold: () =>
      readAll(
        database
          .prepare(
            "SELECT * FROM renders WHERE told_status IS NULL OR told_status NOT IN ('succeed', 'failed')",
          )
          .all(),
      ),
    markTold(taskId, status) {
      database.prepare('UPDATE renders SET told_status = ? WHERE task_id = ?').run(status, taskId);
    },
    close: () => database.close(),
  };
};
