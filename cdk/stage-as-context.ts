/** `--stage trial`, which every other command takes, as the toolkit takes it: it ignores an option that it does not know. */
export const stageAsContext = (args: readonly string[]): string[] =>
  args.flatMap((arg, index) => {
    if (args[index - 1] === '--stage') return [];
    if (arg === '--stage') return ['-c', `stage=${args[index + 1] ?? ''}`];
    return arg.startsWith('--stage=') ? ['-c', arg.replace('--', '')] : [arg];
  });
