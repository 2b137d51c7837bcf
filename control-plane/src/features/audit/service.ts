/** The audit, read: pages, downloads, and whether the chain holds. */
import type { AuditEntry, AuditVerdict, listAuditInput, verifyAuditInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { Ctx, OrganizationCtx, Services } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { chainKey, verifyChain } from './chain.ts';
import { readAudit, showEntry } from './store.ts';

export async function listAudit(ctx: Ctx, input: z.output<typeof listAuditInput>): Promise<Page<AuditEntry>> {
  const rows = await readAudit(sqlOfTx(ctx.tx), { workspace: ctx.workspace.id }, input, cursorUuid('audit', input.cursor), input.limit + 1);
  return pageOf('audit', rows, input.limit, (row) => row.id, showEntry);
}

export async function listOrganizationAudit(ctx: OrganizationCtx, input: z.output<typeof listAuditInput>): Promise<Page<AuditEntry>> {
  const scope = { organization: ctx.organization.id };
  const rows = await readAudit(sqlOfTx(ctx.tx), scope, input, cursorUuid('audit', input.cursor), input.limit + 1);
  return pageOf('audit', rows, input.limit, (row) => row.id, showEntry);
}

/** The chain of the workspace's organization. As the loops' role, which alone sees all of it; counts alone are told. */
export async function verifyAudit(ctx: Ctx, input: z.output<typeof verifyAuditInput>): Promise<AuditVerdict> {
  return verify(ctx, ctx.workspace.organization.id, input);
}

export async function verifyOrganizationAudit(ctx: OrganizationCtx, input: z.output<typeof verifyAuditInput>): Promise<AuditVerdict> {
  return verify(ctx, ctx.organization.id, input);
}

function verify(
  services: Pick<Services, 'db' | 'settings'>,
  organizationId: string,
  input: z.output<typeof verifyAuditInput>,
): Promise<AuditVerdict> {
  return verifyChain(services.db.systemSql, chainKey(services.settings.secret), organizationId, input);
}
