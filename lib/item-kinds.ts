import { type FunctionName, functionNames } from './limits.ts';

type Access = { reads: readonly FunctionName[]; writes: readonly FunctionName[] };

const everyFunction: Access = { reads: functionNames, writes: functionNames };
const only = (...names: FunctionName[]): Access => ({ reads: names, writes: names });

/**
 * The kinds of items, by what their partition keys begin with, and which functions may read and write them. Their
 * roles are made from this, so a kind that is not here cannot be used on AWS; `test/cdk/item-kinds.test.ts` compares it
 * with what each function's code can ask for.
 */
export const itemKinds = {
  TASK: everyFunction,
  /** Who waits for a slot, and who has one: whatever ends a task lets the next one go. */
  QUEUES: everyFunction,
  QUEUE: everyFunction,
  ROUNDS: everyFunction,
  SLOTS: everyFunction,
  /** What workspaces with a cap may still spend: whatever ends a task settles what was reserved for it. */
  BUDGET: only('api', 'submit-video', 'make-image', 'poll-video', 'sweep'),
  /** Events of a workspace that are about no task. */
  EVENT: only('api', 'deliver', 'sweep'),
  RENDER: only('api', 'poll-video'),
  /** What the sandbox makes for test keys. */
  SANDBOX: { reads: ['submit-video', 'poll-video'], writes: ['submit-video'] },
  REPEAT: only('api'),
  ANSWER: only('api'),
  /** Whatever ends a task has booked its cost before. */
  LEDGER: only('api', 'submit-video', 'make-image', 'poll-video'),
  RATE: only('api'),
  RECOVERY: only('api', 'deliver'),
  /** How a receiver of callbacks does. */
  ORIGIN: only('api', 'deliver'),
  /** Holds the callback secrets. */
  WORKSPACE: { reads: ['api', 'submit-video', 'deliver'], writes: ['api'] },
  /** Only operators make and end keys. */
  KEY: { reads: ['api'], writes: [] },
} as const satisfies Record<string, Access>;

export const kindsOf = (role: FunctionName, right: keyof Access): string[] =>
  Object.entries<Access>(itemKinds)
    .filter(([, access]) => access[right].includes(role))
    .map(([kind]) => kind);
