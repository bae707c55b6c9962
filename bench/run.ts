import { readdir } from 'node:fs/promises';
import { print } from './support/print.ts';

type Bench = { default: (names: string[]) => Promise<void>; about: string };

const folder = new URL('.', import.meta.url);
const load = (name: string): Promise<Bench> => import(new URL(`${name}.ts`, folder).href);

const names = (await readdir(folder))
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

const listBenches = async () => {
  print('npm run bench -- <name>, where the name is one of\n');
  const width = Math.max(...names.map(({ length }) => length));
  for (const name of names) print(`  ${name.padEnd(width)}  ${(await load(name)).about}`);
};

const [name = '', ...rest] = process.argv.slice(2);
if (names.includes(name)) await (await load(name)).default(rest);
else {
  await listBenches();
  if (name !== '' && name !== '--help') {
    process.stderr.write(`\nThere is no bench ${name}.\n`);
    process.exitCode = 2;
  }
}
