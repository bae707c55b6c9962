import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** What a program asks of packages, wherever in it. */
const packagesOf = async (program: string): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: [program],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return (output?.imports ?? []).map(({ path }) => path).filter((path) => !path.startsWith('node:'));
};

test('a listener needs nothing of AWS: its user has no credentials there', async () => {
  const packages = await packagesOf('operator/listen.ts');
  expect(packages).toContain('zod/mini');
  expect(packages.filter((name) => /aws|smithy/i.test(name))).toEqual([]);
});

test('what operators run asks AWS, which shows that this would be seen', async () => {
  expect((await packagesOf('operator/keys.ts')).filter((name) => /^@aws-sdk/.test(name))).not.toEqual([]);
});
