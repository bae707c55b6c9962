import * as z from 'zod/mini';
import { unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Table, UpdateInput } from '../aws/table.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../time.ts';
import { earliestTurn, joinedAtMsOf, learnPace, type Pace, type Place, placeFor } from './line.ts';

/** Who waits in which line, in which order. A hint as a message is: the task says whether it waits. */
export type WaitingLine = {
  /** Who has the turn, read now. */
  first(line: string): Promise<Place | undefined>;
  /** The same, up to two seconds old. */
  glance(line: string): Promise<Place | undefined>;
  /** Takes the next place of a workspace. */
  join(line: string, workspaceId: string, taskId: string): Promise<Place>;
  /** Takes a place again. */
  enter(line: string, place: Place): Promise<void>;
  leave(line: string, place: Place): Promise<void>;
  /** Every line that ever was, perhaps empty now. */
  lines(): Promise<string[]>;
  /** Learns that a task which waited has got its slot. */
  recordStart(line: string, place: Place): Promise<void>;
  /** The first places in their order, and how fast the line moves; up to two seconds old. */
  standing(line: string): Promise<Standing>;
};

/** `isWhole`: nobody waits behind these places. */
export type Standing = { places: readonly Place[]; isWhole: boolean; pace: Pace | undefined };

export type WaitingLineDependencies = { table: Table; now: Clock };

const knownForMs = 2 * secondMs;
/** Of longer lines the end is not known: nobody waits so long. */
const mostPlaces = 1_000;
const mostTries = 8;
/** After a day without a task, a workspace starts with the others. */
const turnsKeptMs = dayMs;

const partitionOf = (line: string) => `LINE#${line}`;
const keyOf = (line: string, place: Place) => ({ pk: partitionOf(line), sk: place });
const turnKey = (line: string, workspaceId: string) => ({ pk: `TURN#${line}#${workspaceId}`, sk: 'TURN' });
const paceKey = (line: string) => ({ pk: `PACE#${line}`, sk: 'PACE' });
const directory = 'LINES';

const storedPace = z.object({ gapMs: z.number(), samples: z.number(), lastStartMs: z.number() });
const storedTurn = z.object({ turn: z.number() });

export const createWaitingLine = ({ table, now }: WaitingLineDependencies): WaitingLine => {
  const glanced = new Map<string, { first: Place | undefined; readAtMs: number }>();
  const stood = new Map<string, { standing: Standing; readAtMs: number }>();
  const listed = new Set<string>();
  const isFresh = (readAtMs: number): boolean => now() - readAtMs < knownForMs;

  const readPlaces = async (line: string, limit: number, ConsistentRead: boolean): Promise<Place[]> => {
    const { Items } = await table.query({
      KeyConditionExpression: 'pk = :line',
      ExpressionAttributeValues: { ':line': partitionOf(line) },
      Limit: limit,
      ConsistentRead,
    });
    return Items.map((item) => String(item['sk']));
  };

  const first = async (line: string): Promise<Place | undefined> => {
    const readAtMs = now();
    const [place] = await readPlaces(line, 1, true);
    glanced.set(line, { first: place, readAtMs });
    return place;
  };

  const readPace = async (line: string): Promise<Pace | undefined> => {
    const { Item } = await table.get({ Key: paceKey(line) });
    return Item && storedPace.parse(Item);
  };
  const readStanding = async (line: string): Promise<Standing> => {
    const [places, pace] = await Promise.all([readPlaces(line, mostPlaces, false), readPace(line)]);
    return { places, isWhole: places.length < mostPlaces, pace };
  };

  const updateTurn = async (update: UpdateInput): Promise<number | undefined> => {
    const updated = await unlessConditionFailed(table.update({ ...update, ReturnValues: 'UPDATED_NEW' }));
    return updated && storedTurn.parse(updated.Attributes).turn;
  };

  /** The turn after the workspace's last, or the earliest there is if that is later. Never the same twice. */
  const takeTurn = async (line: string, workspaceId: string, earliest: number): Promise<number> => {
    const Key = turnKey(line, workspaceId);
    const expiresAtSeconds = toEpochSeconds(now() + turnsKeptMs);
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const turn =
        (await updateTurn({
          Key,
          UpdateExpression: 'SET turn = turn + :one, expiresAtSeconds = :expiry',
          ConditionExpression: 'turn >= :earliest',
          ExpressionAttributeValues: { ':one': 1, ':earliest': earliest, ':expiry': expiresAtSeconds },
        })) ??
        (await updateTurn({
          Key,
          UpdateExpression: 'SET turn = :earliest, expiresAtSeconds = :expiry',
          ConditionExpression: 'attribute_not_exists(turn) OR turn < :earliest',
          ExpressionAttributeValues: { ':earliest': earliest, ':expiry': expiresAtSeconds },
        }));
      if (turn !== undefined) return turn;
    }
    throw new Error(`no turn could be taken in the line for ${line} in ${mostTries} tries`);
  };

  const enter = async (line: string, place: Place): Promise<void> => {
    if (!listed.has(line)) await table.put({ Item: { pk: directory, sk: line } });
    listed.add(line);
    await table.put({ Item: keyOf(line, place) });
    if (glanced.get(line)?.first === undefined) glanced.delete(line);
  };

  return {
    first,
    enter,
    async glance(line) {
      const known = glanced.get(line);
      return known !== undefined && isFresh(known.readAtMs) ? known.first : first(line);
    },
    async join(line, workspaceId, taskId) {
      const turn = await takeTurn(line, workspaceId, earliestTurn(await first(line), now()));
      const place = placeFor(turn, now(), taskId);
      await enter(line, place);
      return place;
    },
    async leave(line, place) {
      await table.delete({ Key: keyOf(line, place) });
    },
    async lines() {
      const { Items } = await table.query({
        KeyConditionExpression: 'pk = :directory',
        ExpressionAttributeValues: { ':directory': directory },
      });
      return Items.map((item) => String(item['sk']));
    },
    async recordStart(line, place) {
      const pace = learnPace(await readPace(line), joinedAtMsOf(place), now());
      // Two at once: one of them is lost, which is as well.
      await table.put({ Item: { ...paceKey(line), ...pace } });
    },
    async standing(line) {
      const known = stood.get(line);
      if (known !== undefined && isFresh(known.readAtMs)) return known.standing;
      const readAtMs = now();
      const standing = await readStanding(line);
      stood.set(line, { standing, readAtMs });
      return standing;
    },
  };
};
