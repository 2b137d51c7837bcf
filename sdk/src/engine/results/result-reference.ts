/**
 * The result of a run that is too large to travel: it is kept in the result storage, and a reference to it travels. Who waits
 * for the run in a flow is given the value again, where the same storage can be reached.
 */
import { losslessSerializer } from '../../results/serializer.ts';
import { resultSettings } from '../../results/settings.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { decodeStored, encodeStored } from '../../results/stored-result.ts';
import { describeError } from '../failure.ts';
import type { RunSession } from '../session.ts';
import { keepingOf, NO_POLICY, type ResultPolicy } from './result-policy.ts';

/** What travels instead: `{ "$result": { storage, key, bytes } }`. */
export interface ResultReference {
  readonly $result: { readonly storage: string; readonly key: string; readonly bytes: number };
}

export function isResultReference(value: unknown): value is ResultReference {
  const inner: unknown = typeof value === 'object' && value !== null ? (value as { $result?: unknown }).$result : null;
  if (typeof inner !== 'object' || inner === null || Object.keys(value as object).length !== 1) return false;
  const { storage, key, bytes } = inner as Record<string, unknown>;
  return typeof storage === 'string' && typeof key === 'string' && typeof bytes === 'number';
}

const LOSSLESS = losslessSerializer();

/** Keeps a result and gives its reference; undefined, with the reason in the run's log, when it cannot be kept. */
export async function keepByReference(session: RunSession, policy: ResultPolicy, value: unknown): Promise<ResultReference | undefined> {
  const keeping = keepingOf(session.resultDefaults, NO_POLICY, policy);
  const { run } = session;
  try {
    if (!keeping) throw new Error('results of its flow are not kept (persistResult)');
    const storage = keeping.storage ?? (await resultSettings().storage());
    const serializer = keeping.serializer ?? LOSSLESS;
    const written = await serializer.serialize(value);
    const body = typeof written === 'string' ? Buffer.from(written) : written;
    const { maxBytes } = resultSettings();
    if (body.length > maxBytes)
      throw new RangeError(`it has ${body.length} bytes, at most ${maxBytes} are kept (SIGNALBOX_RESULTS_MAX_BYTES)`);
    const key = `runs/${run.id}/${run.epoch}/result`;
    const head = { v: 1, serializer: serializer.name, at: Date.now(), expiresAt: null, step: null, print: null, epoch: run.epoch } as const;
    await storage.put(key, encodeStored(head, body));
    return { $result: { storage: storage.name, key, bytes: body.length } };
  } catch (error) {
    const message = `the result of the run is too large to be sent, and is not kept: ${describeError(error)}`;
    session.log('warn', message, { task: null, system: true });
    return undefined;
  }
}

/** The value. @throws Error that says where it lies, when it cannot be had from here. */
export async function openReference({ $result }: ResultReference, policy: ResultPolicy): Promise<unknown> {
  const where = `${$result.storage} ${$result.key}`;
  const storage = await storageNamed($result.storage, policy);
  const stored = await storage?.get($result.key);
  const decoded = stored && decodeStored(stored);
  if (!decoded) throw new Error(`its result of ${$result.bytes} bytes lies in ${where}, where it is not found from here`);
  const serializer = policy.serializer?.name === decoded.head.serializer ? policy.serializer : LOSSLESS;
  if (decoded.head.serializer !== serializer.name) {
    if (decoded.head.serializer === 'json') return JSON.parse(Buffer.from(decoded.body).toString('utf8')) as unknown;
    throw new Error(`its result lies in ${where}, written by the serializer "${decoded.head.serializer}", which this flow does not name`);
  }
  return serializer.parse(decoded.body);
}

async function storageNamed(name: string, policy: ResultPolicy): Promise<ResultStorage | null> {
  if (policy.storage?.name === name) return policy.storage;
  const own = await resultSettings().storage();
  return own.name === name ? own : null;
}
