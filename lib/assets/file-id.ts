import { randomInt } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `file_` and 32 characters of `[0-9A-Za-z]`: names a stored file, and tells nothing about it. */
export const newFileId = (): string =>
  `file_${Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('')}`;

export const isFileId = (text: string): boolean => /^file_[0-9A-Za-z]{32}$/.test(text);
