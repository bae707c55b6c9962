import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const place = /(file:\/\/[^\s()]+):(\d+):(\d+)/g;
const maps = new Map<string, SourceMap | undefined>();

const readMap = (fileUrl: string): SourceMap | undefined => {
  const path = `${fileURLToPath(fileUrl)}.map`;
  return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
};

const mapOf = (fileUrl: string): SourceMap | undefined => {
  if (!maps.has(fileUrl)) maps.set(fileUrl, readMap(fileUrl));
  return maps.get(fileUrl);
};

/**
 * A stack trace that speaks of the sources, for code that has a source map beside it. Node can do that by itself
 * (`--enable-source-maps`), but then reads the map at each start, which needs it only when something fails.
 */
export const readableStack = (stack: string): string =>
  stack.replace(place, (bundled, fileUrl: string, line: string, column: string) => {
    const origin = mapOf(fileUrl)?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !('fileName' in origin)) return bundled;
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  });
