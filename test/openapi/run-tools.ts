import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { openApiText } from '../../lib/api/openapi/document.ts';
import { currentEnvironment } from '../../lib/config.ts';
import { registry } from '../../lib/providers/registry.ts';
import { minuteMs } from '../../lib/time.ts';
import { endIfGivenArguments } from '../../local/only-help.ts';

/** Gives the OpenAPI document to public linters and generators. A warning that their users would see is a failure. */
const run = promisify(execFile);

endIfGivenArguments(`Gives the OpenAPI document to public linters and generators, which are installed for the run.

Usage: npm run openapi-tools

Ends with 0 where none complains, a tool that cannot be installed left out, and with 1 where one does.
`);

const redocly = '2.77.0';
const spectral = '6.16.3';
const openApiTypescript = '7.13.0';
const heyApi = '0.99.0';
const typescript = '5.9.3';
const pythonClient = '0.29.1';
const ruff = '0.17.6';
const oapiCodegen = 'v2.8.2';
const oapiRuntime = 'v1.9.0';

type Command = { file: string; args: readonly string[]; folder?: string; quiet?: true };
/** Of one registry; `install` is what needs it. */
type Tool = { name: string; registry: string; install: readonly Command[]; commands: readonly Command[] };

const folder = await mkdtemp(join(tmpdir(), 'openapi-tools-'));
const inFolder = (...parts: string[]) => join(folder, ...parts);
const { PATH = '' } = currentEnvironment();
const environment = {
  ...currentEnvironment(),
  PATH: [inFolder('python', 'bin'), inFolder('go', 'bin'), PATH].join(delimiter),
  GOBIN: inFolder('go', 'bin'),
  REDOCLY_TELEMETRY: 'off',
  NO_COLOR: '1',
};

const npmTool = (name: string, packages: readonly string[], ...commands: Command[]): Tool => ({
  name,
  registry: 'npm',
  install: [
    {
      file: 'npm',
      args: ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', ...packages],
    },
  ],
  commands,
});
const npx = (...args: string[]): Command => ({ file: 'npx', args: ['--no-install', ...args] });

const tools: readonly Tool[] = [
  npmTool('Redocly', [`@redocly/cli@${redocly}`], npx('redocly', 'lint', 'openapi.json')),
  npmTool(
    'Spectral',
    [`@stoplight/spectral-cli@${spectral}`],
    npx('spectral', 'lint', '--fail-severity=hint', 'openapi.json'),
  ),
  npmTool(
    'openapi-typescript',
    [`openapi-typescript@${openApiTypescript}`, `typescript@${typescript}`],
    npx('openapi-typescript', 'openapi.json', '-o', 'types.ts'),
    npx('tsc', '--noEmit', '--strict', 'types.ts'),
  ),
  npmTool(
    '@hey-api/openapi-ts',
    [`@hey-api/openapi-ts@${heyApi}`, `typescript@${typescript}`],
    npx('openapi-ts', '-i', 'openapi.json', '-o', 'client'),
    npx(
      'tsc',
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--moduleResolution',
      'bundler',
      '--module',
      'esnext',
      'client/index.ts',
    ),
  ),
  {
    name: 'openapi-python-client',
    registry: 'PyPI',
    install: [
      { file: 'python3', args: ['-m', 'venv', 'python'] },
      {
        file: inFolder('python', 'bin', 'pip'),
        args: ['install', '--quiet', `openapi-python-client==${pythonClient}`, `ruff==${ruff}`],
      },
    ],
    commands: [
      {
        file: 'openapi-python-client',
        args: ['generate', '--path', 'openapi.json', '--output-path', 'package'],
      },
      { file: 'python3', args: ['-m', 'compileall', '-q', 'package'] },
    ],
  },
  {
    name: 'oapi-codegen',
    registry: 'the Go proxy',
    install: [
      {
        file: 'go',
        args: ['install', `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@${oapiCodegen}`],
        quiet: true,
      },
      { file: 'go', args: ['mod', 'init', 'example.com/client'], folder: 'module', quiet: true },
      {
        file: 'go',
        args: ['get', `github.com/oapi-codegen/runtime@${oapiRuntime}`],
        folder: 'module',
        quiet: true,
      },
    ],
    commands: [
      {
        file: 'oapi-codegen',
        args: ['-generate', 'types,client', '-package', 'client', '-o', 'module/client.go', 'openapi.json'],
      },
      { file: 'go', args: ['mod', 'tidy'], folder: 'module', quiet: true },
      { file: 'go', args: ['vet', './...'], folder: 'module' },
    ],
  },
];

/** What the command printed; throws with it when the command fails. */
const execute = async ({ file, args, folder: at = '.' }: Command): Promise<string> => {
  const { stdout, stderr } = await run(file, args, {
    cwd: inFolder(at),
    env: environment,
    timeout: 8 * minuteMs,
    maxBuffer: 64 * 2 ** 20,
  });
  return stdout + stderr;
};

const messageOf = (error: unknown): string => {
  const { stdout = '', stderr = '', message = String(error) } = Object(error);
  return [stdout, stderr, message].join('\n').trim().slice(-4_000);
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

type Verdict = 'passed' | 'failed' | 'skipped';

const tryTool = async ({ name, registry, install, commands }: Tool): Promise<Verdict> => {
  try {
    for (const command of install) await execute(command);
  } catch (error) {
    const [reason = ''] = messageOf(error)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-1);
    say(`${name}: skipped, because it cannot be had from ${registry} here (${reason.slice(0, 200)}).`);
    return 'skipped';
  }
  try {
    for (const command of commands) {
      const printed = await execute(command);
      if (command.quiet !== true && /\bwarn(ing)?\b/i.test(printed)) throw new Error(`It warns:\n${printed}`);
    }
  } catch (error) {
    say(`${name}: failed.\n${messageOf(error)}`);
    return 'failed';
  }
  say(`${name}: no error and no warning.`);
  return 'passed';
};

try {
  await writeFile(inFolder('openapi.json'), openApiText(registry));
  await writeFile(inFolder('.spectral.json'), '{"extends": ["spectral:oas"]}');
  await writeFile(inFolder('package.json'), '{"private": true}');
  await mkdir(inFolder('module'));
  const verdicts: Verdict[] = [];
  for (const tool of tools) verdicts.push(await tryTool(tool));
  if (verdicts.includes('failed')) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
