/** Service accounts of an organization: programs that are somebody. What they may comes by grants, how they ask by API keys. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createServiceAccountInput, ServiceAccount, updateServiceAccountInput } from '@signalbox/proto/api';
import type { z } from 'zod';

import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, limitExceeded, notFound } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import type { ServiceAccountRow as Row } from './store.ts';

const MAX_ACCOUNTS = 500;

export async function listServiceAccounts(ctx: OrganizationCtx): Promise<ServiceAccount[]> {
  const where = { organizationId: ctx.organization.id };
  return (await ctx.tx.serviceAccount.findMany({ where, orderBy: { slug: 'asc' }, take: MAX_ACCOUNTS })).map(show);
}

export async function createServiceAccount(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createServiceAccountInput>,
): Promise<Audited<ServiceAccount>> {
  const { id: organizationId } = ctx.organization;
  if ((await ctx.tx.serviceAccount.count({ where: { organizationId } })) >= MAX_ACCOUNTS)
    throw limitExceeded(`An organization has at most ${MAX_ACCOUNTS} service accounts.`);
  const id = uuidv7(Date.now());
  const createdBy = ctx.actor.kind === 'user' ? ctx.actor.id : null;
  const { count } = await ctx.tx.serviceAccount.createMany({ data: { id, organizationId, createdBy, ...input }, skipDuplicates: true });
  if (count === 0) throw conflict(`Service account "${input.slug}" exists already.`, { slug: input.slug });
  const account = show(await ctx.tx.serviceAccount.findFirstOrThrow({ where: { id } }));
  return audited(account, { target: { kind: 'service-account', id }, before: null, after: account });
}

/** Disabled, its keys are refused from the next request on; enabled again, they work again. */
export async function updateServiceAccount(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof updateServiceAccountInput>,
): Promise<Audited<ServiceAccount>> {
  const before = await find(ctx, input.serviceAccount);
  const { name, description, disabled } = input;
  const after = await ctx.tx.serviceAccount.update({
    where: { id: before.id },
    data: {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? (before.disabledAt ?? new Date()) : null }),
    },
  });
  return audited(show(after), { target: { kind: 'service-account', id: before.id }, before: show(before), after: show(after) });
}

/** With its keys, grants and places in teams. */
export async function deleteServiceAccount(
  ctx: OrganizationCommandCtx,
  input: { serviceAccount: string },
): Promise<Audited<{ deleted: true }>> {
  const before = await find(ctx, input.serviceAccount);
  const { id } = before;
  await ctx.tx.roleGrant.deleteMany({ where: { subjectKind: 'service-account', subjectId: id } });
  await ctx.tx.teamMember.deleteMany({ where: { memberKind: 'service-account', memberId: id } });
  await ctx.tx.serviceAccount.delete({ where: { id } });
  return audited({ deleted: true as const }, { target: { kind: 'service-account', id }, before: show(before), after: null });
}

async function find(ctx: OrganizationCtx, ref: string): Promise<Row> {
  const row = await ctx.tx.serviceAccount.findFirst({ where: { id: toUuid('serviceAccount', ref), organizationId: ctx.organization.id } });
  if (!row) throw notFound('service account', ref);
  return row;
}

function show({ id, slug, name, description, createdAt, disabledAt }: Row): ServiceAccount {
  return {
    id: toId('serviceAccount', id),
    slug,
    name,
    description,
    createdAt: createdAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
  };
}
