import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const environments = fileURLToPath(new URL('../../node_modules/.cache/python', import.meta.url));

/** A Python that has what a requirements file names, or why there is none. */
type Python = { programs: string; missing?: never } | { programs?: never; missing: string };

/** Makes it once for the same requirements, and keeps it beside the packages. */
export const pythonFor = async (requirements: string): Promise<Python> => {
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 16);
  const folder = join(environments, version);
  const programs = join(folder, 'bin');
  const finished = join(folder, 'finished');
  try {
    await access(finished).catch(async () => {
      await mkdir(folder, { recursive: true });
      await run('python3', ['-m', 'venv', folder]);
      await run(join(programs, 'pip'), ['install', '--quiet', '--retries', '1', '-r', requirements]);
      await writeFile(finished, '');
    });
    return { programs };
  } catch (error) {
    const { stderr = '', message = String(error) } = Object(error);
    const [lastLine = ''] = String(stderr || message)
      .trim()
      .split('\n')
      .slice(-1);
    return { missing: `there is no Python, or PyPI does not give what it needs (${lastLine.slice(0, 200)})` };
  }
};
