import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../../cdk/bundle-options.ts';

export type Bundle = {
  file: string;
  bytes: number;
  gzipBytes: number;
  /** How many bytes of it come from each npm package; `own` is ours. */
  packages: Record<string, number>;
};

export const benchFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Bundles a file as the stack bundles a function. */
export const makeBundle = async (
  entry: string,
  folder: string,
  changes: BuildOptions = {},
): Promise<Bundle> => {
  await mkdir(folder, { recursive: true });
  const options = { ...bundleOptions, ...changes };
  const file = join(folder, options.format === 'cjs' ? 'index.cjs' : 'index.mjs');
  const { metafile, outputFiles } = await build({
    ...options,
    mainFields: [...(options.mainFields ?? [])],
    entryPoints: [entry],
    outfile: file,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const code = outputFiles.find(({ path }) => path === file);
  if (code === undefined) throw new Error(`esbuild made no ${file}`);
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const packages: Record<string, number> = {};
  for (const [input, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const name = packageOf(input);
    packages[name] = (packages[name] ?? 0) + bytesInOutput;
  }
  return { file, bytes: code.contents.length, gzipBytes: gzipSync(code.contents).length, packages };
};

const packageOf = (input: string): string => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'own';
