import { writeFile } from 'node:fs/promises';

/** Saves what a link leads to, and answers how many bytes that is. */
export const download = async (url: string, file: string): Promise<number> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The result answered ${answer.status}.`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  await writeFile(file, bytes);
  return bytes.length;
};
