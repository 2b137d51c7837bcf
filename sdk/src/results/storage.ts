/**
 * Port: where results are kept, always on the customer's side. Adapters: local folder, memory, S3, Google Cloud Storage, Azure Blob.
 *
 * Keys are relative paths of 1 to 512 characters (`runs/run_.../3.log`). What was put under a key is read whole or not at
 * all, whatever happens to the process that put it.
 */
export interface ResultStorage {
  /** Shown in references: `local`, `s3://bucket/prefix`. */
  readonly name: string;
  /** Null when nothing is there. */
  get(key: string): Promise<Uint8Array | null>;
  /** Replaces what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  has(key: string): Promise<boolean>;
  /** Nothing happens when nothing is there. */
  delete(key: string): Promise<void>;
  /** Every key that begins with `prefix`, in any order. Without it replay asks for each step. */
  list?(prefix: string): Promise<string[]>;
  /** Opens a file of lines for adding. With it the results of a run are one file; without it each is one object. */
  openLog?(key: string): Promise<ResultLog>;
  /** Puts only where nothing is; false when something was. Locks need it. */
  create?(key: string, bytes: Uint8Array): Promise<boolean>;
}

/** Lines that are added to the end. A line that a crash cut short is the reader's to leave out. */
export interface ResultLog {
  append(lines: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._=@-]*$/;
const KEY_MAX = 512;

/** The key, when it is one. @throws RangeError */
export function checkKey(key: string): string {
  const isKey = key.length > 0 && key.length <= KEY_MAX && key.split('/').every((segment) => SEGMENT.test(segment));
  if (!isKey) {
    throw new RangeError(
      `result key: expected 1 to ${KEY_MAX} characters, segments of letters, digits and ._=@- between slashes, got ${JSON.stringify(key.slice(0, 100))}`,
    );
  }
  return key;
}
