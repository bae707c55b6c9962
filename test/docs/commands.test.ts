import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { carryOut } from '../../operator/command-line.ts';
import { credentialsProgram } from '../../operator/credentials-program.ts';
import { keysProgram } from '../../operator/keys-program.ts';
import { redriveProgram } from '../../operator/redrive-program.ts';
import { tasksProgram } from '../../operator/tasks-program.ts';
import { usageProgram } from '../../operator/usage-program.ts';

const programs = [
  keysProgram,
  tasksProgram,
  redriveProgram,
  usageProgram,
  credentialsProgram(async () => ''),
];
const root = new URL('../../', import.meta.url);
const pages = globSync(['*.md', 'docs/*.md', 'examples/*/*.md', 'local/**/*.md'], { cwd: root });

const linesOf = (page: string, name: string): string[] =>
  [...readFileSync(new URL(page, root), 'utf8').matchAll(/npm run (\w+) -- ([^`\n#]+)/g)].flatMap(
    ([, program, line = '']) => (program === name ? [line.split(/ > |\)/)[0] ?? ''] : []),
  );
/** A stage is left out: its settings are not at hand here. */
const wordsOf = (line: string): string[] =>
  (line.replace(/--stage \S+/, '').match(/"[^"]*"|<[^>]*>|\S+/g) ?? []).map((word) =>
    word.replaceAll('"', ''),
  );

describe.each(programs)('npm run $name', (program) => {
  const lines = pages.flatMap((page) => linesOf(page, program.name).map((line) => ({ page, line })));

  it.each(lines)('takes what $page says: $line', async ({ line }) => {
    const open = () => Promise.reject(new Error('understood'));
    const answer = carryOut(program, wordsOf(line), open, Date.now);
    await expect(answer.catch(({ message }: Error) => message)).resolves.toMatch(
      /^understood$|^.*\n\nUsage: /,
    );
  });

  it('has an example of each command in the runbook or the guides', () => {
    const shown = lines.map(({ line }) => line);
    const names = Object.keys(program.subcommands);
    expect(names.filter((name) => !shown.some((line) => line.startsWith(name)))).toEqual([]);
  });
});
