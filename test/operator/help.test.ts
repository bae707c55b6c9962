import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = new URL('../../', import.meta.url);
const programs = Object.entries(manifest.scripts).flatMap(([name, line]) =>
  line === `node operator/${name}.ts` ? [name] : [],
);

test.each(programs)('npm run %s -- --help says how it is used', (name) => {
  const answer = execFileSync(process.execPath, [`operator/${name}.ts`, '--help'], { cwd: root });
  expect(answer.toString()).toMatch(new RegExp(`^\\S.+\\n\\nUsage: npm run ${name} (?:-- |\\[-- )`));
});

describe.each(['start', 'demo', 'simulate', 'rehearse'] as const)('npm run %s', (name) => {
  const run = (...args: string[]) => {
    const [, program = ''] = manifest.scripts[name].split(' ');
    return spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: 'utf8' });
  };

  test('says how it is used, and does nothing else', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\S.+\n\nUsage: npm (?:run )?\w+/);
  });

  test.each(['--prot', 'x', '--port=1'])('refuses %s with its usage', (argument) => {
    const { status, stderr } = run(argument);
    expect(status).toBe(2);
    expect(stderr).toMatch(/\n\n\S.+\n\nUsage: npm/);
    expect(stderr).not.toContain('    at ');
  });
});

test.each([
  ['--runs', 'x', '--runs must be a whole number above 0.'],
  ['--seed', 'x', '--seed must be a whole number.'],
  ['--path', 'x', '--path must be numbers'],
])('npm run simulate -- %s %s is refused', (option, value, words) => {
  const line = ['test/simulation/simulate.ts', option, value];
  const { status, stderr } = spawnSync(process.execPath, line, { cwd: root, encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
});
