/**
 * Writes down what code and overlay come to, where dispatch reads it: columns of the deployment, and the configuration of
 * its versions (a run that waits under an older version gets what a person set, too). Called whenever either changes and
 * when an overlay ends, so that claims never merge.
 *
 * The pool's defaults and the run's own variables are not in it: a claim carries them, and they are merged as it is
 * answered (features/dispatch/handler.ts).
 */
import { DEPLOYMENT_FIELDS, FIELD_NAMES, type FieldName, type FieldValues, type OverlayEntry } from '@signalbox/proto/api';
import { overlaySayings } from '../../domain/layers/overlay.ts';
import { splitPath, toPaths } from '../../domain/layers/paths.ts';
import { resolve, storedValuesOf } from '../../domain/layers/resolve.ts';
import type { Tx } from '../../platform/db.ts';
import { findPoolRow } from '../work-pools/index.ts';
import { type CodeVersion, readNewestVersions, readOverlay, readVersion, showEntry, writeColumns, writeConfigs } from './layers-store.ts';
import { adoptOrphans } from './write-store.ts';

/** Runs that wait under a version older than these keep the configuration it had. */
const VERSIONS = 100;

/** Kept in columns of `deployment`; all others are the version's configuration. */
const COLUMNS: readonly FieldName[] = [
  'description',
  'paused',
  'pool',
  'queue',
  'tags',
  'parameterSchema',
  'parameters',
  'concurrencyLimit',
];
const CONFIG_FIELDS = FIELD_NAMES.filter((field) => !COLUMNS.includes(field));

export type Materialized = { readonly values: FieldValues; readonly overlay: OverlayEntry[]; readonly poolId: string | null };

/**
 * The deployment's row is locked by the caller. `versionId`: the one that is to be current. `reach`: `current` when only
 * code changed, `all` versions when the overlay did.
 */
export async function materialize(
  tx: Tx,
  { workspaceId, id, versionId }: { workspaceId: string; id: string; versionId: string },
  reach: 'current' | 'all',
): Promise<Materialized> {
  const overlay = (await readOverlay(tx, id)).map(showEntry);
  const current = await readVersion(tx, versionId);
  const others = reach === 'all' ? await readNewestVersions(tx, id, VERSIONS) : [];
  const values = valuesUnder(current, overlay);
  const place = await findPlace(tx, workspaceId, values);
  const before = await tx.deployment.findUniqueOrThrow({ where: { id }, select: { poolId: true } });
  const isLifted = overlay.some(({ path, value, removed }) => path === 'concurrencyLimit' && !removed && (value ?? null) === null);
  await writeColumns(tx, { id, versionId, isLifted }, values, place);
  const versions = [current, ...others.filter((other) => other.id !== versionId)];
  await writeConfigs(
    tx,
    versions.map((version) => ({ id: version.id, config: configOf(valuesUnder(version, overlay)) })),
  );
  const { poolId, queueId } = place;
  if (before.poolId === null && poolId && queueId) await adoptOrphans(tx, workspaceId, id, { poolId, queueId });
  return { values, overlay, poolId };
}

/** Whether what is set at a path goes into the configuration of versions. */
export function isConfig(path: string): boolean {
  const field = splitPath(path)?.field;
  return field !== undefined && CONFIG_FIELDS.includes(field);
}

/** What a version's code and an overlay come to, for storing below pool, schedule and run. */
export function valuesUnder(version: Pick<CodeVersion, 'code'>, overlay: readonly OverlayEntry[]): FieldValues {
  return storedValuesOf(
    resolve({ code: toPaths(version.code), overlay: overlaySayings(overlay.map((entry) => ({ value: null, ...entry }))) }),
  );
}

function configOf(values: FieldValues): Record<string, unknown> {
  return Object.fromEntries(CONFIG_FIELDS.map((field) => [field, values[field] ?? DEPLOYMENT_FIELDS[field].default]));
}

/** Null when the pool is gone: its runs wait, and say so. A queue that the pool does not have leaves the choice to its default. */
async function findPlace(tx: Tx, workspaceId: string, values: FieldValues): Promise<{ poolId: string | null; queueId: string | null }> {
  const pool = values.pool === null ? null : await findPoolRow(tx, workspaceId, values.pool);
  if (!pool) return { poolId: null, queueId: null };
  const queues = await tx.workQueue.findMany({ where: { poolId: pool.id, name: { in: [values.queue, 'default'] } } });
  const queue = queues.find(({ name }) => name === values.queue) ?? queues[0];
  return { poolId: pool.id, queueId: queue?.id ?? null };
}
