/** Secrets: code names them, the machine that runs it resolves them. No value ever reaches the control plane. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findEngineContext } from './engine/context.ts';
import { knownSecrets } from './engine/redaction.ts';

/** Finds the value of a reference `<scheme>:<rest>`; null: it knows none. */
export type SecretProvider = (rest: string) => string | null | undefined | Promise<string | null | undefined>;

const STORE = Symbol.for('@signalbox/sdk.secret-providers.1');
const globals = globalThis as { [STORE]?: Map<string, SecretProvider> };
globals[STORE] ??= new Map<string, SecretProvider>([
  ['env', (name) => process.env[name]],
  ['file', (file) => readSecret(file)],
]);
const providers = globals[STORE];
const SCHEME = /^[a-z][a-z0-9-]{0,30}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/**
 * Adds a place where secrets are kept: `secret('vault:kv/db#password')` asks it for `kv/db#password`.
 * @throws RangeError for a scheme that is none.
 */
export function secretProvider(scheme: string, provider: SecretProvider): void {
  if (!SCHEME.test(scheme))
    throw new RangeError(`secretProvider: scheme: expected lower-case letters, digits and hyphens, got ${JSON.stringify(scheme)}`);
  providers.set(scheme, provider);
}

/**
 * The value of a secret, from the machine the code runs on. `env:DB_PASSWORD` reads the environment, `file:/run/secrets/db`
 * a file, `<scheme>:...` a `secretProvider`. A plain name `db-password` is looked for in the environment as
 * `SIGNALBOX_SECRET_DB_PASSWORD`, then as a file of `SIGNALBOX_SECRETS_DIR` (default `/run/secrets`).
 *
 * From then on the value is masked in logs, state messages, failures and artifacts of the process.
 * @throws Error when it is not there, naming where it was looked for and never a value.
 */
export async function secret(reference: string): Promise<string> {
  findEngineContext()?.signal.throwIfAborted();
  const { value, places } = await find(reference);
  if (value === null || value === undefined || value === '') throw new Error(`there is no secret "${reference}": looked for ${places}`);
  knownSecrets.add(value);
  return value;
}

async function find(reference: string): Promise<{ value: string | null | undefined; places: string }> {
  const at = reference.indexOf(':');
  if (at > 0) {
    const scheme = reference.slice(0, at);
    const provider = providers.get(scheme);
    if (!provider) throw new Error(`secret "${reference}": expected a scheme of ${[...providers.keys()].join(', ')}, got ${scheme}`);
    return { value: await provider(reference.slice(at + 1)), places: `it at the provider "${scheme}"` };
  }
  if (!NAME.test(reference)) throw new RangeError(`secret: expected a name or <scheme>:<rest>, got ${JSON.stringify(reference)}`);
  const variable = `SIGNALBOX_SECRET_${reference.toUpperCase().replaceAll(/[.-]/g, '_')}`;
  const folder = process.env['SIGNALBOX_SECRETS_DIR'] ?? '/run/secrets';
  const file = path.join(folder, reference);
  return { value: process.env[variable] ?? (await readSecret(file)), places: `${variable} in the environment, and ${file}` };
}

/** Without the line break that editors leave. Null: no such file. */
async function readSecret(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`secret file ${file} could not be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}
