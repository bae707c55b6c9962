import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { stageAsContext } from '../../cdk/stage-as-context.ts';

test.each([
  [
    ['deploy', '--stage', 'trial', '--verbose'],
    ['deploy', '-c', 'stage=trial', '--verbose'],
  ],
  [
    ['destroy', '--stage=trial'],
    ['destroy', '-c', 'stage=trial'],
  ],
  [
    ['deploy', '--stage'],
    ['deploy', '-c', 'stage='],
  ],
  [
    ['diff', '-c', 'stage=trial'],
    ['diff', '-c', 'stage=trial'],
  ],
])('%j is %j to the toolkit', (given, told) => {
  expect(stageAsContext(given)).toEqual(told);
});

test('the stage that is named is the one that is meant, and not production', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['cdk/toolkit.ts', 'synth', '--stage', 'no-such-stage'],
    { encoding: 'utf8' },
  );
  expect(stderr).toContain('The stage no-such-stage has no settings');
  expect(status).toBe(1);
});
