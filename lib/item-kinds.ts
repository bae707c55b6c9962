/** The functions, as their roles are told apart. */
export type RoleName = 'api' | 'submit-video' | 'poll-video' | 'deliver' | 'sweep';
type Access = { reads: readonly RoleName[]; writes: readonly RoleName[] };

const all = ['api', 'submit-video', 'poll-video', 'deliver', 'sweep'] as const;
const everyFunction: Access = { reads: all, writes: all };
const only = (...names: RoleName[]): Access => ({ reads: names, writes: names });

/**
 * The kinds of items, by what their partition keys begin with, and which functions may read and write them. Their
 * roles are made from this, so a kind that is not here cannot be used on AWS; `test/cdk/item-kinds.test.ts` compares it
 * with what each function's code can ask for.
 */
export const itemKinds = {
  TASK: everyFunction,
  /** Who waits for a slot, and who has one: whatever ends a task lets the next one go. */
  LINE: everyFunction,
  TURN: everyFunction,
  PACE: everyFunction,
  INFLIGHT: everyFunction,
  RENDER: only('api', 'poll-video'),
  REPEAT: only('api'),
  ANSWER: only('api'),
  RATE: only('api'),
  RECOVERY: only('api', 'deliver'),
  /** How a receiver of callbacks does. */
  ORIGIN: only('api', 'deliver'),
  /** Holds the callback secrets. */
  WORKSPACE: { reads: ['api', 'submit-video', 'deliver'], writes: ['api'] },
  /** Only operators make and end keys. */
  KEY: { reads: ['api'], writes: [] },
} as const satisfies Record<string, Access>;

/** The kinds of items that a function may read, or write. */
export const kindsOf = (role: RoleName, right: keyof Access): string[] =>
  Object.entries<Access>(itemKinds)
    .filter(([, access]) => access[right].includes(role))
    .map(([kind]) => kind);
