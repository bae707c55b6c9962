import fc from 'fast-check';
import { testWorkspaceId } from './live-and-test.ts';

/** One task of a run. */
export type TaskPlan = {
  acceptedAtSecond: number;
  /** How long Kling renders; `null`: it never ends. */
  renderSeconds: number | null;
  /** What Kling refuses it refuses however often it is sent; for some it never has room. */
  ends: 'succeed' | 'failed' | 'refused' | 'busy';
  /** The caller's `expires_after`. */
  deadlineSeconds: number;
  events: 'none' | 'ends' | 'all';
  /** When the caller tries to call it off. */
  cancelledAfterSeconds: number | null;
  /** How many accepts with the same id come at once. */
  repeats: number;
  /** Whose task it is; absent: that of the one workspace. */
  workspaceId?: string;
};

/** How bad the world is while it is bad. Shares are per mille. */
export type Troubles = {
  /** After so many minutes the world is well again. */
  minutes: number;
  /** A worker dies at a call, half of the time after the call took effect. */
  crash: number;
  /** A call fails, half of the time after it took effect. */
  failedCall: number;
  /** A call takes up to 20 s. */
  slowCall: number;
  /** A call takes minutes, and nobody kills its worker: a process that was stopped, a machine that slept. */
  frozenCall: number;
  /** A conditional write takes effect, but is repeated by the SDK and so answered as lost. */
  repeatedWrite: number;
  lostMessage: number;
  copiedMessage: number;
  lateMessage: number;
  missedSweep: number;
  indexLagSeconds: number;
  /** Items in the table that nobody can read, and that are always due first. */
  unreadableItems: number;
  clockSkewSeconds: number;
  /** No answer to a create; half of the time it arrived, some of them late. */
  lostCreate: number;
  /** A create is answered up to 20 s after it arrived. */
  slowCreate: number;
  /** A create whose answer is lost arrives after minutes. */
  veryLateCreate: number;
  busyKling: number;
  operatorFault: number;
  /** A query is not answered, answers what was true before, or says "not found". */
  badQuery: number;
  /** 'each': one of each change, at once. 'lies': not of Kling, at any time, saying anything. */
  webhooks: 'none' | 'each' | 'some' | 'storm' | 'lies';
  klingDownFromMinute: number;
  klingDownMinutes: number;
  receiverDownMinutes: number;
  badReceiver: number;
};

/** How many tasks of a workspace may be in flight at once; any number where it is not named. */
export type MaxInFlight = Readonly<Record<string, number>>;

/** Kling refuses each create for a while: as too fast (1302), or as a full house (1303). */
export type Burst = { fromSecond: number; seconds: number; reason: 'rate' | 'full' };

/** `slots`: how many renders Kling takes at once; absent: any number. `createMs`: how long it takes to answer a create. */
export type SimulationPlan = {
  seed: number;
  tasks: TaskPlan[];
  troubles: Troubles;
  slots?: number;
  createMs?: number;
  bursts?: readonly Burst[];
  maxInFlight?: MaxInFlight;
  /** What each workspace may spend in a day, in micro-dollars; absent: any amount. */
  capMicroUsd?: number;
};

export const noTroubles: Troubles = {
  minutes: 0,
  crash: 0,
  failedCall: 0,
  slowCall: 0,
  frozenCall: 0,
  repeatedWrite: 0,
  lostMessage: 0,
  copiedMessage: 0,
  lateMessage: 0,
  missedSweep: 0,
  indexLagSeconds: 0,
  unreadableItems: 0,
  clockSkewSeconds: 0,
  lostCreate: 0,
  slowCreate: 0,
  veryLateCreate: 0,
  busyKling: 0,
  operatorFault: 0,
  badQuery: 0,
  webhooks: 'none',
  klingDownFromMinute: 0,
  klingDownMinutes: 0,
  receiverDownMinutes: 0,
  badReceiver: 0,
};

export const ordinaryTask: TaskPlan = {
  acceptedAtSecond: 0,
  renderSeconds: 80,
  ends: 'succeed',
  deadlineSeconds: 7_200,
  events: 'ends',
  cancelledAfterSeconds: null,
  repeats: 1,
};

/** A share that is often nothing, so that runs with few kinds of trouble are common too. */
const share = (most: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: most }) },
  );
const sometimes = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });

const taskPlan: fc.Arbitrary<TaskPlan> = fc.record({
  acceptedAtSecond: fc.integer({ min: 0, max: 900 }),
  renderSeconds: sometimes<number | null>(fc.constant(null), 0).chain((none) =>
    none === null
      ? fc.constant(null)
      : fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 600 })),
  ),
  ends: fc.constantFrom(
    'succeed',
    'succeed',
    'succeed',
    'succeed',
    'succeed',
    'failed',
    'failed',
    'refused',
    'busy',
  ),
  deadlineSeconds: fc.constantFrom(7_200, 7_200, 3_600, 60, 300, 900),
  events: fc.constantFrom('ends', 'all', 'none'),
  cancelledAfterSeconds: sometimes<number | null>(fc.integer({ min: 0, max: 600 }), null),
  repeats: fc.constantFrom(1, 1, 3),
});

const allTroubles: fc.Arbitrary<Troubles> = fc.record({
  minutes: fc.integer({ min: 0, max: 150 }),
  crash: share(120),
  failedCall: share(120),
  slowCall: share(60),
  frozenCall: sometimes(fc.integer({ min: 1, max: 60 }), 0),
  repeatedWrite: share(150),
  lostMessage: share(300),
  copiedMessage: share(400),
  lateMessage: share(200),
  missedSweep: share(400),
  indexLagSeconds: fc.constantFrom(0, 0, 2, 30, 120),
  unreadableItems: fc.constantFrom(0, 0, 4),
  clockSkewSeconds: fc.constantFrom(0, 0, 1, 5),
  lostCreate: share(500),
  slowCreate: share(300),
  veryLateCreate: sometimes(fc.integer({ min: 1, max: 300 }), 0),
  busyKling: share(700),
  operatorFault: share(100),
  badQuery: share(400),
  webhooks: fc.constantFrom('none', 'each', 'some', 'storm', 'lies'),
  klingDownFromMinute: fc.integer({ min: 0, max: 20 }),
  klingDownMinutes: fc.constantFrom(0, 0, 1, 10, 60),
  receiverDownMinutes: fc.constantFrom(0, 0, 3, 60, 600),
  badReceiver: share(500),
});

/** Nothing of our own goes wrong: workers live, calls succeed, messages and sweeps come in time, clocks agree. */
export const houseIsWell: Partial<Troubles> = {
  crash: 0,
  failedCall: 0,
  slowCall: 0,
  frozenCall: 0,
  repeatedWrite: 0,
  lostMessage: 0,
  lateMessage: 0,
  missedSweep: 0,
  indexLagSeconds: 0,
  clockSkewSeconds: 0,
};

const troubles = fc.oneof(
  { weight: 2, arbitrary: allTroubles },
  { weight: 1, arbitrary: allTroubles.map((drawn) => ({ ...drawn, ...houseIsWell })) },
);

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
/** Of a live key, or of a test key. */
const taskOfEither = fc
  .tuple(taskPlan, fc.boolean())
  .map(([task, isLive]) => (isLive ? task : { ...task, workspaceId: testWorkspaceId }));
const anyPlan = fc.record({
  seed,
  tasks: fc.array(taskOfEither, { minLength: 1, maxLength: 3 }),
  troubles,
});
/** More tasks than Kling has slots, or their workspaces may have in flight. */
const crowdedPlan = fc.record({
  seed,
  tasks: fc.array(
    fc
      .tuple(taskPlan, fc.constantFrom('workspace-1', 'workspace-2'))
      .map(([task, workspaceId]) => ({ ...task, workspaceId })),
    { minLength: 2, maxLength: 6 },
  ),
  troubles,
  slots: fc.constantFrom(1, 2, 6),
  createMs: fc.constantFrom(0, 0, 800, 20_000),
  bursts: fc.array(
    fc.record({
      fromSecond: fc.integer({ min: 0, max: 1_500 }),
      seconds: fc.integer({ min: 1, max: 200 }),
      reason: fc.constantFrom('rate', 'full'),
    }),
    { maxLength: 2 },
  ),
  maxInFlight: fc.constantFrom<MaxInFlight>({}, { 'workspace-1': 1 }, { 'workspace-1': 1, 'workspace-2': 2 }),
});

/** Workspaces that may have some of their tasks made, not all. */
export const cappedPlan = fc.record({
  seed,
  tasks: fc.array(taskOfEither, { minLength: 1, maxLength: 5 }),
  troubles,
  capMicroUsd: fc.constantFrom(350_000, 700_000, 1_200_000),
});

/** Everything that decides a run. */
export const simulationPlan: fc.Arbitrary<SimulationPlan> = fc.oneof(
  { weight: 3, arbitrary: anyPlan },
  { weight: 1, arbitrary: crowdedPlan },
  { weight: 1, arbitrary: cappedPlan },
);
