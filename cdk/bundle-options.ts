import { fileURLToPath } from 'node:url';

export type FunctionName = 'api' | 'submit-video' | 'poll-video' | 'deliver' | 'sweep';

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const entryFile = (name: FunctionName): string => projectFile(`functions/${name}.ts`);

/** `aws4` is CommonJS and calls `require`, which an ES module does not have. */
const requireForModules =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** How esbuild makes a function's bundle: for the stack, and for whatever measures what it deploys. */
export const bundleOptions = {
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  bundle: true,
  minify: true,
  // Read only when an error is logged (`lib/readable-stack.ts`).
  sourcemap: 'linked',
  sourcesContent: false,
  banner: { js: requireForModules },
  // What only some deployments want, imported where it is. In every bundle it would double the start of a poller.
  external: ['./bootstrap/copy-result.ts'] as string[],
} as const;
