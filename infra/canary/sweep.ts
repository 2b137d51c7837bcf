/** Looks for texts everywhere the control plane keeps or tells anything: rows, NATS' folders, logs, metrics, error bodies. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '../test-support/system.ts';
import type { Canary, Planted } from './plant.ts';

export type Hit = { readonly kind: string; readonly place: string };
export type Swept = {
  readonly hits: readonly Hit[];
  /** What was looked through: at least one of each is more than nothing. */
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
  /** Replicas of the control plane that told theirs. */
  readonly metrics: number;
  readonly errorBodies: number;
  /** Places in which the control was found, as it must be. */
  readonly controlIn: readonly string[];
};

/** What nobody planted and is a secret all the same: by its form alone. */
const FORMS: readonly { readonly kind: string; readonly form: RegExp }[] = [
  { kind: 'key, code or link of ours', form: /\bsb[a-z]_[0-9A-Za-z]{43}/ },
  { kind: 'run token', form: /\bsbr_eyJ[\w-]+\.[\w-]+\.[\w-]{20,}/ },
  { kind: 'session cookie', form: /session_token=[\w.%-]{32,}/ },
  { kind: 'seed of a NATS key', form: /\bS[UAON][A-Z2-7]{56}\b/ },
];

/** Files that hold secrets by their purpose, at the operator's and the customer's: neither is the control plane's memory. */
const OWN = /(^|\/)(trust\.json|nats\.conf|postgres|[\w-]+-data|agent\.nk)(\/|$)/;

export async function sweep(system: System, { canaries, errorBodies, control }: Planted): Promise<Swept> {
  const forms = canaries.flatMap(formsOf);
  const hits: Hit[] = [];
  const controlIn: string[] = [];
  const look = (place: string, text: string): void => {
    for (const { kind, form } of forms) if (text.includes(form)) hits.push({ kind, place });
    for (const { kind, form } of FORMS) if (form.test(text)) hits.push({ kind, place });
    if (text.includes(control)) controlIn.push(place);
  };

  const tables = await system.sql<{ name: string }>(
    "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
  );
  let rows = 0;
  for (const { name } of tables.filter((table) => table.name !== '_prisma_migrations')) {
    for (const { row } of await system.sql<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)) {
      rows += 1;
      look(`table ${name}`, row);
    }
  }
  let files = 0;
  for (const file of filesUnder(system.folder)) {
    files += 1;
    look(`file ${file}`, readFileSync(join(system.folder, file), 'latin1'));
  }
  let metrics = 0;
  for (const url of system.urls) {
    // A test may have taken this replica down.
    const text = await fetch(`${url}/metrics`).then(
      (response) => response.text(),
      () => '',
    );
    if (text.includes('signalbox_')) metrics += 1;
    look('metrics', text);
  }
  for (const body of errorBodies) look('an error body', body);
  return { hits, tables: tables.length, rows, files, metrics, errorBodies: errorBodies.length, controlIn: [...new Set(controlIn)] };
}

/** As it is, and as it might be written by mistake. */
function formsOf({ kind, secret }: Canary): { kind: string; form: string }[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const forms = [secret, encodeURIComponent(secret), bytes.toString('hex'), base64, bytes.toString('base64url')];
  return [...new Set(forms)].map((form) => ({ kind, form }));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((file) => !OWN.test(file));
}
