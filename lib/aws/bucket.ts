export type ObjectHeaders = {
  'content-type'?: string;
  'content-disposition'?: string;
  'cache-control'?: string;
};

/** One bucket, as far as it is used here. Keys hold letters, digits and `_-./` only. */
export type Bucket = {
  put(key: string, bytes: Uint8Array, headers?: ObjectHeaders): Promise<void>;
  /** Stores an object as it arrives. It is not there before the last byte is. `signal` gives it up. */
  putStream(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    headers: ObjectHeaders,
    signal?: AbortSignal,
  ): Promise<void>;
  get(key: string): Promise<Buffer>;
  /** At most the first 1,000. */
  listKeys(prefix: string): Promise<string[]>;
  /** Nothing there is no error. */
  delete(key: string): Promise<void>;
  /** A link for whoever has it. It works no longer than the credentials that sign it. */
  link(key: string, lifeTimeSeconds: number): Promise<string>;
};
