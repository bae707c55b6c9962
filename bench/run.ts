import { readdir } from 'node:fs/promises';
import { print } from './support/print.ts';

type Bench = { default: (names: string[]) => Promise<void>; about: string };

const folder = new URL('.', import.meta.url);
const load = (name: string): Promise<Bench> => import(new URL(`${name}.ts`, folder).href);

const listBenches = async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && file !== 'run.ts').sort();
  print('npm run bench -- <name>, where the name is one of\n');
  for (const name of files.map((file) => file.replace(/\.ts$/, ''))) {
    const { about } = await load(name);
    print(`  ${name.padEnd(16)} ${about}`);
  }
};

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) await listBenches();
else if (!/^[a-z-]+$/.test(name)) print('A bench is named by lower-case letters.');
else await (await load(name)).default(rest);
