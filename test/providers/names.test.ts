import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registry } from '../../lib/providers/registry.ts';

const project = new URL('../../', import.meta.url);
const rooms = ['lib', 'functions', 'cdk', 'local', 'operator', 'console'];

/** The one line for each provider, a fake of each, and what the demo asks for as a user does. */
const mayName = [
  'lib/providers/registry.ts',
  'local/fakes.ts',
  'local/fakes/',
  'local/demo/',
  ...registry.descriptors.map(({ name }) => `lib/providers/${name}/`),
];

const files = rooms
  .flatMap((room) =>
    readdirSync(new URL(room, project), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${room}/${file}`,
    ),
  )
  .filter((file) => /\.tsx?$/.test(file) && !mayName.some((path) => file.startsWith(path)));

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
  const text = readFileSync(new URL(file, project), 'utf8').replaceAll(dialect, '');
  expect([...text.matchAll(names)].map(([name]) => name)).toEqual([]);
});
