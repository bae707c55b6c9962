/** For a program without arguments: tells its usage and ends where there are some, with 0 if they ask for just that. */
export const endIfGivenArguments = (usage: string): void => {
  const [first] = process.argv.slice(2);
  if (first === undefined) return;
  if (first === '--help' || first === '-h') {
    process.stdout.write(usage);
    process.exit(0);
  }
  process.stderr.write(`There are no arguments here, so ${first} means nothing.\n\n${usage}`);
  process.exit(2);
};
