import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { currentEnvironment } from '../../lib/config.ts';
import { endIfGivenArguments } from '../../local/only-help.ts';
import { pythonFor } from '../support/python.ts';
import { startTestStack } from '../support/stack.ts';

endIfGivenArguments(`Runs OpenAI's and LiteLLM's clients for Python against the whole gateway on this machine.

Usage: npm run python-clients

Ends with 0 where they pass, with 1 where they do not, and with 3 where PyPI or Python is missing.
`);

const folder = fileURLToPath(new URL('.', import.meta.url));
const requirements = `${folder}requirements.txt`;
const { programs, missing } = await pythonFor(requirements);

const runTests = async (pytest: string): Promise<number> => {
  const stack = await startTestStack({ variables: { CALLBACK_ALLOW_PRIVATE: 'true' } });
  try {
    const child = spawn(pytest, ['-q', '-p', 'no:cacheprovider', '--disable-warnings', folder], {
      env: {
        PATH: currentEnvironment()['PATH'],
        PYTHONDONTWRITEBYTECODE: '1',
        // Otherwise it asks GitHub for prices as it is imported.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        CLEARMAAS_URL: stack.url,
        CLEARMAAS_API_KEY: stack.apiKey,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    return code ?? 1;
  } finally {
    await stack.stop();
  }
};

if (programs === undefined) {
  process.stdout.write(`The Python clients are not tried: ${missing}.\n`);
  process.exitCode = 3;
} else {
  const versions = (await readFile(requirements, 'utf8')).trim().split('\n').join(', ');
  process.stdout.write(`Python clients: ${versions}\n`);
  process.exitCode = await runTests(`${programs}/pytest`);
}
