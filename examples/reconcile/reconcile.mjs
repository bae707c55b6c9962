import { readFile, rename, writeFile } from 'node:fs/promises';
import { argv, env, exit, stderr, stdout } from 'node:process';

const { CLEARMAAS_URL: url, CLEARMAAS_API_KEY: key } = env;
if (!url || !key) {
  stderr.write(
    'Set CLEARMAAS_URL to the address of the gateway and CLEARMAAS_API_KEY to a key of the workspace.\n',
  );
  exit(1);
}
const [, , stateFile = 'reconciled.json'] = argv;
const headers = { authorization: `Bearer ${key}` };

/** Where the last run stopped, and the ids of the events that were applied. A database would hold both. */
const loadState = async () => {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { after: '0', applied: [] };
    throw error;
  }
};
const state = await loadState();
const applied = new Set(state.applied);

const loadCursor = async () => state.after;
const saveCursor = async (after) => {
  await writeFile(`${stateFile}.next`, JSON.stringify({ after, applied: [...applied] }));
  await rename(`${stateFile}.next`, stateFile);
};

/** What your system does at an end of a task; here it is told. */
const applyOnce = async (id, { type, data }) => {
  if (applied.has(id)) return;
  stdout.write(`${type} ${data.id} ${data.result_url ?? data.fail_reason ?? ''}\n`);
  applied.add(id);
};

const readPage = async (after) => {
  const answer = await fetch(`${url}/v1/events?limit=100&after=${encodeURIComponent(after)}`, { headers });
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
};

let after = await loadCursor();
for (let more = true; more; ) {
  const { data, has_more, cursor } = await readPage(after);
  for (const event of data) await applyOnce(event.id, event);
  await saveCursor(cursor);
  [after, more] = [cursor, has_more];
}
