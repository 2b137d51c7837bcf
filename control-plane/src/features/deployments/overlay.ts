/**
 * What people lay over code: a value or a removal, path by path, with author, reason and, if they like, an end. A deploy
 * never touches it; `reset` gives back what code says. A pause is an overlay of `paused`.
 */
import { toId } from '@signalbox/proto';
import {
  type Deployment,
  type DescribedDeployment,
  OVERLAY_MAX_ENTRIES,
  OVERLAY_VALUE_MAX_BYTES,
  type pauseDeploymentInput,
  type resetOverlayInput,
  type setOverlayInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkEntry } from '../../domain/layers/overlay.ts';
import { splitPath } from '../../domain/layers/paths.ts';
import { mergeVariables } from '../../domain/layers/resolve.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { forbidden, invalidInput, limitExceeded, notFound } from '../../platform/errors.ts';
import { checkDefaults } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { checkVariables } from '../work-pools/index.ts';
import { sizeIssues } from './check-deploy.ts';
import { describeDeployment } from './describe.ts';
import { deleteOverlay, type NewEntry, readCurrentVersion, readOverlay, showEntry, writeOverlay } from './layers-store.ts';
import { isConfig, materialize, valuesUnder } from './materialize.ts';
import { holdPool } from './place.ts';
import { getLocked, tellAbout } from './service.ts';
import { type DeploymentRef, findDeploymentRef, readDeployment } from './store.ts';

type SetInput = z.output<typeof setOverlayInput>;
type Expiry = { readonly expiresAt?: string | undefined; readonly expiresInMs?: number | undefined };
type Why = Expiry & { readonly reason: string };

export async function setOverlay(ctx: CommandCtx, input: SetInput): Promise<Audited<DescribedDeployment>> {
  const entries = checkEntries(ctx, input);
  const { ref, before } = await change(ctx, input.deployment, entries, input);
  const after = await describeDeployment(ctx, { deployment: toId('deployment', ref.id) });
  return audited(after, { target: { kind: 'deployment', id: ref.id }, before: { overlay: before }, after: auditOf(entries, input) });
}

/** Runs that wait go on waiting, and say so; those that run go on. */
export async function pauseDeployment(ctx: CommandCtx, input: z.output<typeof pauseDeploymentInput>): Promise<Audited<Deployment>> {
  const { ref, deployment, before } = await change(ctx, input.deployment, [{ path: 'paused', value: true, removed: false }], input);
  const { reason, expiresAt, expiresInMs } = input;
  return audited(deployment, {
    target: { kind: 'deployment', id: ref.id },
    before: { paused: before.some(({ path }) => path === 'paused') },
    after: { paused: true, ...(reason ? { reason } : {}), ...(expiresAt ? { expiresAt } : {}), ...(expiresInMs ? { expiresInMs } : {}) },
  });
}

export async function resumeDeployment(ctx: CommandCtx, input: { deployment: string }): Promise<Audited<Deployment>> {
  const ref = await getLocked(ctx, input.deployment);
  const before = await clear(ctx, ref, ['paused']);
  const deployment = await rewrite(ctx, ref, ['paused']);
  return audited(deployment, {
    target: { kind: 'deployment', id: ref.id },
    before: { paused: before.length > 0 },
    after: { paused: deployment.paused },
  });
}

/** Gives back what code says. Paths that nobody set are left out. */
export async function resetOverlay(ctx: CommandCtx, input: z.output<typeof resetOverlayInput>): Promise<Audited<DescribedDeployment>> {
  const unknown = input.paths?.findIndex((path) => !splitPath(path)) ?? -1;
  if (unknown >= 0) {
    const received = JSON.stringify(input.paths?.[unknown]);
    throw invalidInput([{ field: `paths.${unknown}`, expected: 'a field of a deployment, or one key of it', received }]);
  }
  const ref = await getLocked(ctx, input.deployment);
  const before = await clear(ctx, ref, input.paths ?? null);
  mayChange(ctx, before);
  if (before.length > 0) await rewrite(ctx, ref, before);
  const after = await describeDeployment(ctx, { deployment: toId('deployment', ref.id) });
  return audited(after, { target: { kind: 'deployment', id: ref.id }, before: { overlay: before }, after: { overlay: [] } });
}

/** Paths of the overlay that were taken away. `parameters` and `variables.env` stand for all their keys. */
async function clear(ctx: CommandCtx, ref: DeploymentRef, paths: readonly string[] | null): Promise<string[]> {
  const stored = (await readOverlay(ctx.tx, ref.id)).map(({ path }) => path);
  const gone = stored.filter((path) => paths?.some((asked) => path === asked || path.startsWith(`${asked}.`)) ?? true);
  await deleteOverlay(ctx.tx, ref.id, gone);
  return gone;
}

async function rewrite(ctx: CommandCtx, ref: DeploymentRef, paths: readonly string[]): Promise<Deployment> {
  const workspaceId = ctx.workspace.id;
  const { id: versionId } = await readCurrentVersion(ctx.tx, ref.id);
  await materialize(ctx.tx, { workspaceId, id: ref.id, versionId }, paths.some(isConfig) ? 'all' : 'current');
  const deployment = await readDeployment(ctx.sql, workspaceId, ref);
  if (!deployment) throw notFound('deployment', ref.name);
  tellAbout(ctx, deployment);
  return deployment;
}

async function change(ctx: CommandCtx, name: string, entries: readonly NewEntry[], why: Why) {
  checkExpiry(why);
  const { tx, workspace, actor } = ctx;
  const found = await findDeploymentRef(tx, workspace.id, name);
  if (!found) throw notFound('deployment', name);
  // Ahead of the deployment: pool, then limits, is the lock order everywhere.
  const version = await readCurrentVersion(tx, found.id);
  const laid = (await readOverlay(tx, found.id)).filter(({ path }) => !entries.some((entry) => entry.path === path)).map(showEntry);
  const by = actor.kind === 'user' ? actor.email : actor.name;
  const fresh = entries.map((entry) => ({ ...entry, author: by, reason: why.reason, setAt: '', expiresAt: null }));
  const wanted = valuesUnder(version, [...laid, ...fresh]);
  const placed = entries.some(({ path }) => path === 'pool' || path === 'queue' || path.startsWith('variables.'));
  const pool = placed && wanted.pool !== null ? await holdPool(ctx, wanted.pool, wanted.queue, '') : null;

  const ref = await getLocked(ctx, name);
  const before = await readOverlay(tx, ref.id);
  await writeOverlay(tx, { workspaceId: workspace.id, deploymentId: ref.id }, entries, {
    authorKind: actor.kind,
    authorId: actor.id,
    authorName: by,
    reason: why.reason,
    expiresAt: why.expiresAt ?? null,
    expiresInMs: why.expiresInMs ?? null,
  });
  const count = new Set([...before.map(({ path }) => path), ...entries.map(({ path }) => path)]).size;
  if (count > OVERLAY_MAX_ENTRIES)
    throw limitExceeded(`At most ${OVERLAY_MAX_ENTRIES} paths of a deployment may be set by people; reset some first.`);
  const deployment = await rewrite(
    ctx,
    ref,
    entries.map(({ path }) => path),
  );
  const issues = [
    ...(await checkDefaults(wanted.parameterSchema, wanted.parameters)),
    ...(pool ? await checkVariables(pool, mergeVariables(wanted.variables), 'defaults') : []),
  ].filter(({ field }) => entries.some(({ path }) => field === path || field.startsWith(`${path}.`) || path === 'pool'));
  if (issues.length > 0) throw invalidInput(issues);
  return { ref, deployment, before: before.map(({ path, authorName, reason }) => ({ path, author: authorName, reason })) };
}

function checkEntries(ctx: CommandCtx, { set }: SetInput): NewEntry[] {
  const issues = set.flatMap((entry, i) => [
    ...checkEntry(entry, `set.${i}`),
    ...sizeIssues(`set.${i}.value`, entry.value ?? null, OVERLAY_VALUE_MAX_BYTES),
    ...(set.findIndex(({ path }) => path === entry.path) < i
      ? [{ field: `set.${i}.path`, expected: 'a path of its own', received: JSON.stringify(entry.path) }]
      : []),
  ]);
  if (issues.length > 0) throw invalidInput(issues);
  mayChange(
    ctx,
    set.map(({ path }) => path),
  );
  return set.map(({ path, value, removed }) => ({ path, value: value ?? null, removed }));
}

/** Variables reach the command line and environment of processes: as good as code, and so is taking one away. */
function mayChange(ctx: CommandCtx, paths: readonly string[]): void {
  const scope = 'deployments:write';
  if (!paths.some((path) => path.startsWith('variables.')) || ctx.workspace.scopes.has(scope)) return;
  throw forbidden(`Your role "${ctx.workspace.role}" may not set or reset variables: that needs the scope ${scope}.`, { scope });
}

function checkExpiry({ expiresAt, expiresInMs }: Expiry): void {
  if (expiresAt && expiresInMs !== undefined)
    throw invalidInput([{ field: 'expiresInMs', expected: 'nothing: expiresAt is given', received: String(expiresInMs) }]);
  if (expiresAt && Date.parse(expiresAt) <= Date.now())
    throw invalidInput([{ field: 'expiresAt', expected: 'an instant to come', received: expiresAt }]);
}

/** Values of parameters and variables stay out of the audit. */
function auditOf(entries: readonly NewEntry[], { reason, expiresAt, expiresInMs }: Why) {
  const overlay = entries.map(({ path, value, removed }) => ({
    path,
    ...(removed ? { removed } : path.includes('.') ? {} : { value }),
  }));
  // As `pause` has it: what explains a wait looks for who paused.
  const pause = entries.find(({ path, removed }) => path === 'paused' && !removed);
  return {
    overlay,
    reason,
    ...(pause ? { paused: pause.value } : {}),
    ...(expiresAt ? { expiresAt } : {}),
    ...(expiresInMs ? { expiresInMs } : {}),
  };
}
