import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

/** What a person types without seeing it, or what comes through a pipe. */
export const askSecret = async (question: string): Promise<string> => {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await text(stdin)).trim();
  stderr.write(question);
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
  const interrupted = new Promise<never>((_resolve, reject) => {
    reader.once('SIGINT', () => reject(new Error('Nothing was changed.')));
  });
  try {
    return (await Promise.race([reader.question(''), interrupted])).trim();
  } finally {
    reader.close();
    stderr.write('\n');
  }
};
