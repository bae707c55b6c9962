import {
  earliestTurn,
  joinedAtMsOf,
  learnPace,
  type Pace,
  type Place,
  placeFor,
} from '../../lib/tasks/line.ts';
import type { WaitingLine } from '../../lib/tasks/waiting-line.ts';
import type { Clock } from '../../lib/time.ts';

/** The line's second implementation, for tests that need no server. Nothing it tells is old. */
export const createMemoryLine = (now: Clock) => {
  const places = new Map<string, Set<Place>>();
  const turns = new Map<string, number>();
  const paces = new Map<string, Pace>();
  const sorted = (line: string): Place[] => [...(places.get(line) ?? [])].sort();
  const first = async (line: string) => sorted(line)[0];
  const enter = async (line: string, place: Place) => {
    places.set(line, new Set([...sorted(line), place]));
  };
  const line: WaitingLine = {
    first,
    glance: first,
    enter,
    async join(name, workspaceId, taskId) {
      const key = `${name} ${workspaceId}`;
      const turn = Math.max((turns.get(key) ?? 0) + 1, earliestTurn(sorted(name)[0], now()));
      turns.set(key, turn);
      const place = placeFor(turn, now(), taskId);
      await enter(name, place);
      return place;
    },
    async leave(name, place) {
      places.get(name)?.delete(place);
    },
    lines: async () => [...places.keys()],
    async recordStart(name, place) {
      paces.set(name, learnPace(paces.get(name), joinedAtMsOf(place), now()));
    },
    standing: async (name) => ({ places: sorted(name), isWhole: true, pace: paces.get(name) }),
  };
  return line;
};
