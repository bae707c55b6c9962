export type ObjectHeaders = {
  'content-type'?: string;
  'content-disposition'?: string;
  'cache-control'?: string;
};

/** What lies under a key, with the headers that describe it to an HTTP client. */
export type OpenedObject = {
  headers: Record<string, string>;
  /** Absent when only the headers were asked for. */
  body?: ReadableStream<Uint8Array<ArrayBuffer>>;
};

/** Bytes in pieces, all there or on their way. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** One bucket, as far as it is used here. Keys hold letters, digits and `_-./` only. */
export type Bucket = {
  put(key: string, bytes: Uint8Array, headers?: ObjectHeaders): Promise<void>;
  /** Stores an object as it arrives. It is not there before the last byte is. `signal` gives it up. */
  putStream(key: string, chunks: Chunks, headers: ObjectHeaders, signal?: AbortSignal): Promise<void>;
  get(key: string): Promise<Buffer>;
  /**
   * Opens an object, or a part of it by an HTTP range; then its headers have a `content-range`. `undefined`: there is none
   * under this key. `no-such-part`: it is shorter than the range.
   */
  open(
    key: string,
    options?: { range?: string; onlyHeaders?: boolean },
  ): Promise<OpenedObject | 'no-such-part' | undefined>;
  /** At most the first 1,000. */
  listKeys(prefix: string): Promise<string[]>;
  /** Nothing there is no error. */
  delete(key: string): Promise<void>;
  /** A link for whoever has it. It works no longer than the credentials that sign it. */
  link(key: string, lifeTimeSeconds: number): Promise<string>;
};
