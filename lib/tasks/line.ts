import { minuteMs, secondMs, withJitter } from '../time.ts';
import type { Task } from './task.ts';

/**
 * A place in a line: the turn, when it was taken, and by which task. Places sort as text. A workspace's tasks take one turn after the other, starting with that of whoever is first, so that workspaces are
 * served in rotation however many tasks each of them has waiting.
 */
export type Place = string;

const width = 15;
const digits = (number: number): string => String(number).padStart(width, '0');

export const placeFor = (turn: number, joinedAtMs: number, taskId: string): Place =>
  `${digits(turn)}#${digits(joinedAtMs)}#${taskId}`;
export const turnOf = (place: Place): number => Number(place.slice(0, width));
export const joinedAtMsOf = (place: Place): number => Number(place.slice(width + 1, 2 * width + 1));
export const taskIdAt = (place: Place): string => place.slice(2 * width + 2);

/**
 * The earliest turn of somebody who joins: that of the first in the line. Turns of an empty line start at the time in
 * milliseconds: nobody serves a thousand tasks a second, so all earlier turns lie behind it.
 */
export const earliestTurn = (first: Place | undefined, nowMs: number): number =>
  first === undefined ? nowMs : turnOf(first);

/** The provider counts its slots by model, so that each has a line of its own. */
export const modelLineOf = ({ resolvedModel }: Pick<Task, 'resolvedModel'>): string => resolvedModel;

/** No model's id begins so. */
const workspaceLinePrefix = 'WORKSPACE#';

/** Where tasks wait for others of their workspace, which may have only so many in flight. */
export const workspaceLineOf = ({ workspaceId }: Pick<Task, 'workspaceId'>): string =>
  workspaceLinePrefix + workspaceId;

/** Whose line it is; `undefined`: a model's. */
export const workspaceOfLine = (line: string): string | undefined =>
  line.startsWith(workspaceLinePrefix) ? line.slice(workspaceLinePrefix.length) : undefined;

/** The one line in which a task waits, if it does. */
export const lineOf = (task: Task): string =>
  task.submission.line === 'workspace' ? workspaceLineOf(task) : modelLineOf(task);

/** The task's place in a line; `undefined` where it does not wait there. */
export const placeIn = (line: string, task: Task): Place | undefined =>
  lineOf(task) === line ? task.submission.place : undefined;

/** Whoever waits is woken when it becomes first; should that get lost, it looks itself this much later. */
const backstopMs = 15 * minuteMs;
/** A place is taken before the task knows of it, but not so long. */
const joiningMs = minuteMs;
const firstRetryMs = { first: 5 * secondMs, most: 20 * secondMs };

/** When the first in the line asks again. An end of a render may wake it earlier. */
export const retryAtMs = (attempts: number, nowMs: number, luck: number): number =>
  nowMs + withJitter(Math.min(firstRetryMs.most, firstRetryMs.first * 2 ** (attempts - 1)), 0.2, luck);

const hasBegun = ({ submission }: Task, nowMs: number): boolean =>
  (submission.leaseUntilMs ?? 0) > nowMs || submission.unansweredSinceMs !== undefined;

/** Which line to join. */
export type LineToJoin = {
  name: string;
  /** The task counts among those of its workspace that are in flight, which is to be written down. */
  isCounted: boolean;
};

/** The task at a place that was taken for it; `undefined` where it must not wait there. */
export const waitAt = (
  task: Task,
  { name, isCounted }: LineToJoin,
  place: Place,
  nowMs: number,
): Task | undefined => {
  if (task.status !== 'NOT_START' || hasBegun(task, nowMs)) return undefined;
  if (placeIn(name, task) !== undefined) return undefined;
  const ofWorkspace = workspaceOfLine(name) !== undefined;
  if (ofWorkspace && task.submission.counted) return undefined;
  const { line: _line, ...submission } = task.submission;
  return {
    ...task,
    submission: {
      ...submission,
      ...(ofWorkspace && { line: 'workspace' }),
      ...(isCounted && { counted: true }),
      place,
      notBeforeMs: nowMs + backstopMs,
    },
  };
};

/** The task with its next look at itself put off. */
export const keepWaiting = (task: Task, nowMs: number): Task => ({
  ...task,
  submission: { ...task.submission, notBeforeMs: nowMs + backstopMs },
});

/**
 * Whether somebody else has the turn in a line. Who has lost his place there, but not the number of it, is let through.
 */
export const isBehind = (line: string, task: Task, first: Place | undefined): boolean => {
  const place = placeIn(line, task);
  if (first === undefined || taskIdAt(first) === task.id) return false;
  return place === undefined || first < place;
};

/** A submission that waits no more. If it did for a slot of the provider, its end lets the next one in. */
export const outOfLine = ({ place, line, ...submission }: Task['submission']): Task['submission'] =>
  place === undefined || line === 'workspace' ? submission : { ...submission, hasWaited: true };

/** Whether nobody waits at a place any more, so that it only keeps the others waiting. */
export const isAbandoned = (task: Task | undefined, line: string, place: Place, nowMs: number): boolean => {
  if (task?.status !== 'NOT_START') return true;
  return placeIn(line, task) !== place && nowMs - joinedAtMsOf(place) > joiningMs;
};

/** How fast a line moves. */
export type Pace = { gapMs: number; samples: number; lastStartMs: number };

const smallestStep = 0.1;

/** Learns from a start. Only the time in which somebody waited says how fast slots come free. */
export const learnPace = (known: Pace | undefined, joinedAtMs: number, nowMs: number): Pace => {
  if (known === undefined) return { gapMs: 0, samples: 0, lastStartMs: nowMs };
  if (known.lastStartMs < joinedAtMs) return { ...known, lastStartMs: Math.max(nowMs, known.lastStartMs) };
  const gapMs = Math.max(0, nowMs - known.lastStartMs);
  const step = Math.max(smallestStep, 1 / (known.samples + 1));
  return {
    gapMs: known.gapMs + step * (gapMs - known.gapMs),
    samples: known.samples + 1,
    lastStartMs: Math.max(nowMs, known.lastStartMs),
  };
};

/** When the task at a position may start; `undefined` while that is unknown. */
export const estimatedStartMs = (
  pace: Pace | undefined,
  position: number,
  nowMs: number,
): number | undefined =>
  pace === undefined || pace.samples === 0
    ? undefined
    : Math.max(nowMs, Math.round(pace.lastStartMs + position * pace.gapMs));
