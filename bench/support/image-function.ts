import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { createLog, recordLines } from '../../lib/observability/log.ts';
import { listenOnLoopback, loopback } from '../../local/cloud/loopback.ts';
import { createFunctionUrl } from '../../local/function-url.ts';
import { installStreaming, type StreamingHandler } from '../../local/response-stream.ts';
import { print } from './print.ts';

/**
 * The bundled api function alone in its process, as an instance of it is on Lambda. Each line on standard input asks
 * for its memory.
 */
installStreaming();
const [, , bundle = ''] = process.argv;
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  handler: StreamingHandler;
};
const port = await listenOnLoopback(
  createFunctionUrl({ handler, now: Date.now, log: createLog(recordLines('error')) }),
  0,
);
print(`http://${loopback}:${port}`);

const kilobytesPerMegabyte = 1_024;
createInterface(process.stdin).on('line', () =>
  print(
    JSON.stringify({
      nowMb: process.memoryUsage.rss() / 2 ** 20,
      peakMb: process.resourceUsage().maxRSS / kilobytesPerMegabyte,
    }),
  ),
);
