/** States of the code that were deployed, and the way back to one. Schedules and what people set are no part of them. */
import { toId } from '@signalbox/proto';
import type { DeploymentVersion, deployReplySchema, listVersionsInput, rollbackInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { Page } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { changesBetween, describeChange, withHiding } from './changes.ts';
import { warningsOf } from './check-deploy.ts';
import { findVersion, listVersionRows, readCurrentVersion, readOverlay, showEntry } from './layers-store.ts';
import { materialize, valuesUnder } from './materialize.ts';
import { holdPool } from './place.ts';
import { getLocked, tellAbout } from './service.ts';
import { findDeploymentRef, readDeployment } from './store.ts';

export async function listVersions(ctx: Ctx, input: z.output<typeof listVersionsInput>): Promise<Page<DeploymentVersion>> {
  const ref = await findDeploymentRef(ctx.tx, ctx.workspace.id, input.deployment);
  if (!ref) throw notFound('deployment', input.deployment);
  if (input.cursor !== undefined && !/^\d{1,9}$/.test(input.cursor))
    throw invalidInput([{ field: 'cursor', expected: 'a nextCursor that was answered', received: JSON.stringify(input.cursor) }]);
  const below = input.cursor === undefined ? null : Number(input.cursor);
  const { id: currentId } = await readCurrentVersion(ctx.tx, ref.id);
  // One more than shown: the last one is compared with it.
  const rows = await listVersionRows(ctx.tx, ref.id, below, input.limit + 1);
  const items = rows.slice(0, input.limit).map((row, i): DeploymentVersion => {
    const before = rows[i + 1];
    return {
      number: row.number,
      digest: row.digest,
      current: row.id === currentId,
      deployedAt: row.createdAt.toISOString(),
      deployedBy: row.deployedBy,
      changes: before ? changesBetween(before, row).map(describeChange) : [],
    };
  });
  return { items, nextCursor: rows.length > input.limit ? String(items.at(-1)?.number) : null };
}

/** New runs are pinned to that version again. The next deploy that differs from it goes forward. */
export async function rollback(
  ctx: CommandCtx,
  input: z.output<typeof rollbackInput>,
): Promise<Audited<z.output<typeof deployReplySchema>>> {
  const { tx, workspace } = ctx;
  const found = await findDeploymentRef(tx, workspace.id, input.deployment);
  if (!found) throw notFound('deployment', input.deployment);
  const wanted = await findVersion(tx, found.id, input.version);
  if (!wanted) throw notFound('version', String(input.version));
  const planned = valuesUnder(wanted, (await readOverlay(tx, found.id)).map(showEntry));
  if (planned.pool === null) throw preconditionFailed(`Version ${input.version} names no work pool: deploy instead.`);
  await holdPool(ctx, planned.pool, planned.queue, '');

  const ref = await getLocked(ctx, input.deployment);
  const before = await readCurrentVersion(tx, ref.id);
  const { values, overlay } = await materialize(tx, { workspaceId: workspace.id, id: ref.id, versionId: wanted.id }, 'current');
  const deployment = await readDeployment(ctx.sql, workspace.id, ref);
  if (!deployment) throw notFound('deployment', toId('deployment', ref.id));
  tellAbout(ctx, deployment);
  const changes = changesBetween(before, wanted);
  const reply = {
    deployment,
    created: false,
    changes: changes.map(describeChange),
    diff: withHiding(changes, overlay),
    schedules: [],
    warnings: await warningsOf(values, overlay),
  };
  return audited(reply, {
    target: { kind: 'deployment', id: ref.id },
    before: { version: before.number, digest: before.digest },
    after: { version: wanted.number, digest: wanted.digest },
  });
}
