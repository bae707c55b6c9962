import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError, functionVariables } from '../lib/config.ts';
import { nearestWord } from '../lib/nearest.ts';
import { providerVariables } from '../lib/providers/accounts.ts';
import { registry } from '../lib/providers/registry.ts';
import { startVariables } from './settings.ts';

type Variables = Record<string, string | undefined>;

/** The variables of a `.env` file, if there is one; those of the environment win. */
export const withEnvFile = (file: string, environment: Variables): Variables => ({
  ...readEnvFile(file),
  ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value)),
});

/** A sentence for each name in a `.env` file that nothing here reads. It is no error: other programs may read the file. */
export const unreadNames = (file: string): string[] =>
  Object.keys(readEnvFile(file))
    .filter((name) => !read.includes(name))
    .map((name) => {
      const nearest = nearestWord(name, read);
      return `${file}: nothing reads ${name}${nearest === undefined ? '.' : `; did you mean ${nearest}?`}`;
    });

const read = [...startVariables, ...functionVariables, ...providerVariables(registry.descriptors)];

const readEnvFile = (file: string): Variables => {
  try {
    return parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigError(`${file} cannot be read (${message}). Mend it, or take it away.`, { cause: error });
  }
};
