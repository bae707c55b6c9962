import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const programs = Object.entries(manifest.scripts).flatMap(([name, line]) =>
  line === `node operator/${name}.ts` ? [name] : [],
);

test.each(programs)('npm run %s -- --help says how it is used', (name) => {
  const root = new URL('../../', import.meta.url);
  const answer = execFileSync(process.execPath, [`operator/${name}.ts`, '--help'], { cwd: root });
  expect(answer.toString()).toMatch(new RegExp(`^\\S.+\\n\\nUsage: npm run ${name} (?:-- |\\[-- )`));
});
