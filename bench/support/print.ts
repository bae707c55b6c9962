/** Says something to the person who runs a bench. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
