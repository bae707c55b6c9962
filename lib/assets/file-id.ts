import { randomBase62 } from '../base62.ts';

/**
 * How long a stored file is kept: a `file` for days, the `result` of a task as long as the task. A `clip` of the sandbox is
 * drawn again whenever it is wanted.
 */
export type FileKind = 'file' | 'result' | 'clip';

/** The kind and 32 characters of `[0-9A-Za-z]`: names a stored file, and tells nothing about it. */
export const newFileId = (kind: Exclude<FileKind, 'clip'>): string => `${kind}_${randomBase62(32)}`;

/** The kind of a file by its id; `undefined` when the text is no such id. */
export const kindOfFile = (text: string): FileKind | undefined =>
  /^(file|result)_[0-9A-Za-z]{32}$|^(clip)_[0-9a-z]{1,32}$/
    .exec(text)
    ?.slice(1)
    .find((kind): kind is FileKind => kind !== undefined);

/** The file of a task's video. Every try to store it means the same one. */
export const videoFileIdOf = (taskId: string): string => taskId.replace(/^task_/, 'result_');
