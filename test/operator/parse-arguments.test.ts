import { describe, expect, test } from 'vitest';
import { carryOut } from '../../operator/command-line.ts';
import { keysProgram } from '../../operator/keys-program.ts';
import { readArguments } from '../../operator/listen/arguments.ts';
import { showPrices } from '../../operator/prices-program.ts';
import { tasksProgram } from '../../operator/tasks-program.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { usageProgram } from '../../operator/usage-program.ts';
import { noonMs } from '../support/keys.ts';

const programs = { keys: keysProgram, tasks: tasksProgram, usage: usageProgram };

/** Why a line is refused before any gateway is opened. */
const refusalOf = async (line: readonly string[]): Promise<unknown> => {
  const [name = '', ...args] = line;
  const open = () => Promise.reject(new Error('a gateway was opened'));
  if (name === 'prices') return refusalIn(() => showPrices(args, {}, noonMs));
  if (name === 'listen') return refusalIn(() => readArguments(args, {}));
  const program = programs[name as keyof typeof programs];
  return carryOut(program, args, open, () => noonMs).catch((error: unknown) => error);
};
const refusalIn = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('a command line is refused with what is wrong', () => {
  test.each([
    [['keys', 'create', '--nam', 'a'], 'There is no option --nam. Did you mean --name?'],
    [['keys', 'create', '--qqqqqq', 'a'], 'There is no option --qqqqqq.'],
    [['prices', '--stag', 'x'], 'There is no option --stag. Did you mean --stage?'],
    [['keys', 'create', '--name', 'a', '--name', 'b'], '--name stands there twice. Give it once.'],
    [['listen', '--key', 'a', '--key', 'b'], '--key stands there twice. Give it once.'],
    [['keys', 'create', '--name', ''], '--name is empty. Give it a value, or leave it out.'],
    [['keys', 'create', '--name', '  '], '--name is empty.'],
    [['keys', 'create', '--name', 'a', '--workspace='], '--workspace is empty.'],
    [['keys', 'list', '--stage', ''], '--stage is empty.'],
    [['prices', '--stage', ''], '--stage is empty.'],
    [['listen', '--url', ''], '--url is empty.'],
    [['keys', 'create', '--name'], 'argument missing'],
    [['keys', 'disable', ''], 'Give a key id, as the list shows it.'],
    [['keys', 'disable', 'key_1', 'key_2'], '"key_2" is one word too many.'],
    [['tasks', 'show'], 'Give a task id'],
    [['keys'], 'Say what to do. There are create, list, disable, workspace set, workspace show.'],
    [['keys', 'workspace'], 'There is no command "workspace". There are create,'],
    [['keys', '--stage', 'trial', 'list'], 'The command comes first, then its options.'],
    [['keys', 'list', '--region', 'eu-west-1'], 'Give --region with --stage or --stack'],
  ])('%j', async (line, message) => {
    const refusal = await refusalOf(line);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as Error).message).toContain(message);
  });
});
