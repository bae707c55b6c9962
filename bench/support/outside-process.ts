import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listenOnLoopback, loopback } from '../../local/cloud/loopback.ts';
import { startFakeKling } from '../../local/fakes/kling.ts';

/** Kling and the client's receiver, in a process of their own. Ends with its parent. */
const [seconds = '1'] = process.argv.slice(2);
const kling = await startFakeKling({ apiKey: 'kling-key', seconds: Number(seconds) });
kling.behave({ slots: Number.POSITIVE_INFINITY });

/** When each event first arrived, and how many came again. */
const arrivals = new Map<string, number>();
let repeats = 0;
const receiver = createServer(async (request, response) => {
  const event = (await json(request)) as { data: { id: string } };
  if (arrivals.has(event.data.id)) repeats += 1;
  else arrivals.set(event.data.id, Date.now());
  response.writeHead(204).end();
});
const port = await listenOnLoopback(receiver, 0);

process.on('disconnect', () => process.exit());
process.on('message', (question) => {
  if (question === 'count') process.send?.({ count: arrivals.size, repeats });
  else {
    const asked = [...arrivals.keys()].map((taskId) => kling.tally(taskId).asked);
    process.send?.({ arrivals: [...arrivals], askedTwice: asked.filter((times) => times > 1).length });
  }
});
process.send?.({ klingUrl: kling.url, receiverUrl: `http://${loopback}:${port}/hook` });
