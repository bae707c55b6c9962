import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registry } from '../../lib/providers/registry.ts';

const lib = new URL('../../lib/', import.meta.url);

/** Everything but the providers' own folders and the registry. */
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    file.endsWith('.ts') &&
    file !== 'providers/registry.ts' &&
    !registry.descriptors.some(({ name }) => file.startsWith(`providers/${name}/`)),
);

/** The gateway speaks OpenAI's dialect, whoever makes the images and videos. */
const dialect = /openai/gi;

const namesOf = registry.descriptors.flatMap(({ name, title, variablePrefix, models }) => [
  name,
  title,
  variablePrefix,
  ...models.map(({ id }) => id),
]);
const names = new RegExp(
  namesOf.map((name) => `(?<![a-z])${name.replaceAll('.', '\\.')}(?![a-z])`).join('|'),
  'gi',
);

it.each(files)('%s names no provider', (file) => {
  const text = readFileSync(new URL(file, lib), 'utf8').replaceAll(dialect, '');
  expect([...text.matchAll(names)].map(([name]) => name)).toEqual([]);
});
