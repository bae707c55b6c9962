import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { bundleOptions } from '../../cdk/bundle-options.ts';

export type Bundle = {
  file: string;
  /** What a start reads. */
  bytes: number;
  gzipBytes: number;
  /** What is read when it is needed. */
  lateBytes: number;
  /** How many bytes of what a start reads come from each npm package; `own` is ours. */
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
  const file = join(folder, 'index.mjs');
  const { metafile, outputFiles } = await build({
    ...bundleOptions(entry, folder),
    ...changes,
    metafile: true,
    write: false,
  });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  const atStart = readAtStart(metafile.outputs);
  const code = outputFiles.filter(({ path }) => path.endsWith('.mjs'));
  const startCode = code.filter(({ path }) => atStart.has(basename(path)));
  const sizeOf = (files: typeof code): number =>
    files.reduce((sum, { contents }) => sum + contents.length, 0);
  const packages: Record<string, number> = {};
  for (const output of atStart.values())
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = packageOf(input);
      packages[name] = (packages[name] ?? 0) + bytesInOutput;
    }
  return {
    file,
    bytes: sizeOf(startCode),
    gzipBytes: startCode.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0),
    lateBytes: sizeOf(code) - sizeOf(startCode),
    packages,
  };
};

type Outputs = Metafile['outputs'];

/** The entry and what it imports, by file name; not what it imports later. */
const readAtStart = (outputs: Outputs): Map<string, Outputs[string]> => {
  const found = new Map<string, Outputs[string]>();
  const visit = (path: string): void => {
    const output = outputs[path];
    if (output === undefined || found.has(basename(path))) return;
    found.set(basename(path), output);
    for (const { path: imported, kind } of output.imports) if (kind === 'import-statement') visit(imported);
  };
  for (const path of Object.keys(outputs)) if (basename(path) === 'index.mjs') visit(path);
  return found;
};

const packageOf = (input: string): string => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'own';
