import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import type { FunctionName } from '../lib/limits.ts';

export const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const entryFile = (name: FunctionName): string => projectFile(`functions/${name}.ts`);

/** How esbuild makes a function's code from its entry: for the stack, and for whatever measures what it deploys. */
export const bundleOptions = (entry: string, folder: string) =>
  ({
    entryPoints: [entry],
    outdir: folder,
    entryNames: 'index',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    bundle: true,
    minify: true,
    // What is imported when it is needed becomes a file of its own, which a start does not read.
    splitting: true,
    // Read only when an error is logged (`lib/observability/readable-stack.ts`).
    sourcemap: 'linked',
    sourcesContent: false,
    alias: { '@aws-sdk/credential-provider-node': projectFile('lib/aws/given-credentials.ts') },
    logLevel: 'silent',
  }) satisfies BuildOptions;
