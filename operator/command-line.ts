import type { ParseArgsConfig } from 'node:util';
import { currentEnvironment } from '../lib/config.ts';
import { complain } from './complain.ts';
import { type Deployment, openDeployment, type Place } from './deployment.ts';
import { parseArguments } from './parse-arguments.ts';
import { placeOf } from './place.ts';
import { UsageError } from './usage-error.ts';

/** `text` is for people; `data` is the same for scripts (`--json`). */
export type Answer = { text: string; data: unknown };

export type Subcommand = {
  /** What follows the program's name; it begins with the words by which the subcommand is found. */
  usage: string;
  summary: string;
  /** What the one word after the command is, in the words of a sentence; without it there is none. */
  operand?: string;
  /** Names of options with a value, beside the common ones. */
  options?: readonly string[];
  /** Names of options without a value. */
  flags?: readonly string[];
  /** Names of options that may be given several times. */
  lists?: readonly string[];
  run(deployment: Deployment, given: Given, nowMs: number): Promise<Answer>;
};

/** What stood on the command line after the words that named the subcommand. */
export type Given = {
  operand: string;
  value(name: string): string | undefined;
  /** Throws a {@link UsageError} if the option is missing. */
  needed(name: string): string;
  list(name: string): string[];
  has(flag: string): boolean;
};

/** Subcommands by the words that name them; a program that does one thing has one that no word names. */
export type Program = {
  name: string;
  purpose: string;
  subcommands: Record<string, Subcommand>;
  /** Whether there is nothing in it for a gateway on this machine. */
  deployedOnly?: true;
};

const wordsOf = (name: string): string[] => name.split(' ').filter((word) => word !== '');

const commonUsage = ({ deployedOnly }: Program): string =>
  `  --stage <name>    the gateway that was deployed with settings.<name>.json${deployedOnly ? '' : '; without it the one on this machine'}
  --stack <name>    the same by the name of its CloudFormation stack, where the settings are not at hand
  --region <name>   the stack's region; without it that of the settings, or of your AWS settings
  --json            answer in JSON
  --help            this text`;

const usageOf = (program: Program): string => {
  const { name, purpose, subcommands } = program;
  const lines = Object.values(subcommands).map(({ usage, summary }) => `  ${usage}\n      ${summary}`);
  const [form, others] = '' in subcommands ? ['<options>', 'Also'] : ['<command>', 'With every command'];
  return `${purpose}\n\nUsage: npm run ${name} -- ${form}\n\n${lines.join('\n')}\n\n${others}:\n${commonUsage(program)}\n`;
};

const common = {
  stage: { type: 'string' },
  stack: { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsConfig['options'];

const optionsOf = ({
  options = [],
  flags = [],
  lists = [],
}: Subcommand): NonNullable<ParseArgsConfig['options']> => ({
  ...common,
  ...Object.fromEntries(options.map((name) => [name, { type: 'string' }])),
  ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' }])),
  ...Object.fromEntries(lists.map((name) => [name, { type: 'string', multiple: true }])),
});

const findSubcommand = ({ subcommands }: Program, args: string[]): [string, Subcommand] => {
  const found = Object.entries(subcommands).find(([words]) =>
    wordsOf(words).every((word, index) => args[index] === word),
  );
  if (!found) throw new UsageError(whatIsMissing(Object.keys(subcommands), args));
  return found;
};

const whatIsMissing = (commands: readonly string[], [first]: string[]): string => {
  const all = `There are ${commands.join(', ')}.`;
  if (first === undefined) return `Say what to do. ${all}`;
  if (first.startsWith('-')) return `The command comes first, then its options. ${all}`;
  return `There is no command "${first}". ${all}`;
};

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

const readOperand = ({ operand }: Subcommand, words: string[]): string => {
  if (operand === undefined && words.length > 0) throw new UsageError(`"${words[0]}" is one word too many.`);
  if (operand === undefined) return '';
  const [word, second] = words;
  if (!word) throw new UsageError(`Give ${operand}.`);
  if (second !== undefined) throw new UsageError(`"${second}" is one word too many.`);
  return word;
};

const givenFrom = (values: Values, operand: string): Given => {
  const value = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  return {
    operand,
    value,
    needed(name) {
      const text = value(name);
      if (text === undefined) throw new UsageError(`--${name} is missing.`);
      return text;
    },
    list: (name) => [values[name] ?? []].flat().map(String),
    has: (flag) => values[flag] === true,
  };
};

/** Carries out one command line. Throws a {@link UsageError} for one that cannot be understood. */
export const carryOut = async (
  program: Program,
  args: string[],
  open: (place: Place) => Promise<Deployment>,
  now: () => number,
): Promise<string> => {
  if (args.some((argument) => argument === '--help' || argument === '-h')) return usageOf(program);
  const [words, subcommand] = findSubcommand(program, args);
  const { values, positionals } = parseArguments({
    args: args.slice(wordsOf(words).length),
    options: optionsOf(subcommand),
    allowPositionals: true,
  });
  const given = givenFrom(values as Values, readOperand(subcommand, positionals));
  const deployment = await open(placeOf(given.value));
  try {
    const { text, data } = await subcommand.run(deployment, given, now());
    return values['json'] === true ? `${JSON.stringify(data, undefined, 2)}\n` : `${text}\n`;
  } finally {
    await deployment.close();
  }
};

/** Runs a program as its own process: answers on standard output, complaints on standard error; 2 means wrong usage. */
export const runProgram = async (program: Program): Promise<void> => {
  const open = (place: Place) => openDeployment(place, currentEnvironment());
  try {
    process.stdout.write(await carryOut(program, process.argv.slice(2), open, Date.now));
  } catch (error) {
    process.exitCode = complain(error, usageOf(program));
  }
};
