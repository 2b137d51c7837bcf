/** What the environment says of results; an agent sets the folder for the runs it starts. */
import type { ResultStorage } from './storage.ts';

export interface ResultSettings {
  /** SIGNALBOX_RESULTS_PERSIST: whether results are kept where neither task nor flow says. Null: the engine's choice. */
  readonly persist: boolean | null;
  /** SIGNALBOX_RESULTS_REFRESH: cached results are made anew. */
  readonly refresh: boolean;
  /** SIGNALBOX_RESULTS_MAX_BYTES: larger results are not kept. */
  readonly maxBytes: number;
  /** SIGNALBOX_RESULTS_STORAGE (`s3://bucket/prefix`, `gs://bucket/prefix`, `azure://account/container/prefix`), else the folder SIGNALBOX_RESULTS_DIR, else `.signalbox/results`. */
  readonly storage: () => Promise<ResultStorage>;
}

const MAX_BYTES = 100 * 1024 * 1024;
const DEFAULT_DIR = '.signalbox/results';

let known: ResultSettings | null = null;

/** Read once. @throws RangeError that names the variable, the value and what was expected. */
export function resultSettings(): ResultSettings {
  known ??= readResultSettings(process.env);
  return known;
}

/** @internal */
export function readResultSettings(env: NodeJS.ProcessEnv): ResultSettings {
  let opened: Promise<ResultStorage> | null = null;
  return {
    persist: flag(env, 'SIGNALBOX_RESULTS_PERSIST'),
    refresh: flag(env, 'SIGNALBOX_RESULTS_REFRESH') ?? false,
    maxBytes: bytes(env, 'SIGNALBOX_RESULTS_MAX_BYTES') ?? MAX_BYTES,
    storage: () => {
      opened ??= openStorage(env);
      return opened;
    },
  };
}

async function openStorage(env: NodeJS.ProcessEnv): Promise<ResultStorage> {
  const place = env.SIGNALBOX_RESULTS_STORAGE;
  if (place === undefined || place === '' || place === 'local') {
    const { localStorage } = await import('./local-storage.ts');
    return localStorage(env.SIGNALBOX_RESULTS_DIR || DEFAULT_DIR);
  }
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place) ?? [];
  if (bucket !== undefined) {
    const { s3Storage } = await import('./s3-storage.ts');
    return s3Storage({ bucket, prefix, endpoint: env.SIGNALBOX_RESULTS_S3_ENDPOINT || undefined });
  }
  const [, gcsBucket, gcsPrefix] = /^gs:\/\/([^/]+)\/?(.*)$/.exec(place) ?? [];
  if (gcsBucket !== undefined) {
    const { gcsStorage } = await import('./gcs-storage.ts');
    return gcsStorage({ bucket: gcsBucket, prefix: gcsPrefix });
  }
  const [, account, container, azurePrefix] = /^azure:\/\/([^/]+)\/([^/]+)\/?(.*)$/.exec(place) ?? [];
  if (account !== undefined && container !== undefined) {
    const { azureStorage } = await import('./azure-storage.ts');
    return azureStorage({ account, container, prefix: azurePrefix });
  }
  const expected = 'local, s3://bucket/prefix, gs://bucket/prefix or azure://account/container/prefix';
  throw new RangeError(`SIGNALBOX_RESULTS_STORAGE: expected ${expected}, got ${place}`);
}

function flag(env: NodeJS.ProcessEnv, name: string): boolean | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new RangeError(`${name}: expected true or false, got ${text}`);
}

function bytes(env: NodeJS.ProcessEnv, name: string): number | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name}: expected a whole number of bytes from 1, got ${text}`);
  return value;
}
