import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestWord } from '../lib/nearest.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads a command line. Throws a {@link UsageError} for an option that there is not, that stands there twice, or that is
 * empty, as one is whose shell variable was not set.
 */
export const parseArguments = <const Config extends ParseArgsConfig>(config: Config) => {
  refuseOptions(config);
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const refuseOptions = ({ args, options = {} }: ParseArgsConfig): void => {
  const { tokens } = parseArgs({ ...(args && { args }), options, strict: false, tokens: true });
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    if (!Object.hasOwn(options, name)) throw unknownOption(rawName, Object.keys(options));
    if (given.has(name) && options[name]?.multiple !== true)
      throw new UsageError(`--${name} stands there twice. Give it once.`);
    if (token.value?.trim() === '')
      throw new UsageError(`--${name} is empty. Give it a value, or leave it out.`);
    given.add(name);
  }
};

const unknownOption = (rawName: string, names: readonly string[]): UsageError => {
  const meant = nearestWord(rawName.replace(/^-+/, ''), names);
  return new UsageError(
    `There is no option ${rawName}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`,
  );
};
