import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const source = (path: string): string => fileURLToPath(new URL(`app/${path}`, import.meta.url));

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2456c8"/><path d="M12 9l11 7-11 7z" fill="#fff"/></svg>\n';

/** Writes the console into a folder as `lib/api/routes/get-console.ts` serves it: hashed names, compressed ahead. */
export const buildConsole = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: Uint8Array | string) => {
    const bytes = Buffer.from(content);
    writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    writeFileSync(
      join(folder, `${name}.br`),
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    );
  };
  const writeHashed = (stem: string, ending: string, content: Uint8Array | string): string => {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const name = `${stem}-${hash}.${ending}`;
    write(name, content);
    return `/console/${name}`;
  };
  const script = writeHashed('console', 'js', bundle('main.tsx'));
  const style = writeHashed('console', 'css', bundle('console.css'));
  write('index.html', page({ script, style, icon: writeHashed('icon', 'svg', icon) }));
};

const bundle = (entry: string): Uint8Array => {
  const { outputFiles } = buildSync({
    entryPoints: [source(entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`${entry} made no file`);
  return file.contents;
};

const page = (links: { script: string; style: string; icon: string }): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ClearMaas Gateway</title>
<link rel="icon" href="${links.icon}">
<link rel="stylesheet" href="${links.style}">
<script type="module" src="${links.script}"></script>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. Everything on it can also be asked of the API: see /openapi.json.</noscript>
</body>
</html>
`;
