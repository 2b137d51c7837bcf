/** Domains that an organization proved to own by a TXT record: whose emails are of them signs in at its provider. */
import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { addDomainInput, domainInput, OrganizationDomain } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { sqlState } from '../../platform/db.ts';
import { conflict, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx, Settings } from '../../platform/services.ts';

const MAX_DOMAINS = 100;
const LOOKUP_MS = 5_000;
type Row = { readonly id: string; readonly domain: string; readonly token: string; readonly verifiedAt: Date | null };

export async function listDomains(ctx: OrganizationCtx): Promise<OrganizationDomain[]> {
  const organizationId = ctx.organization.id;
  const rows = await ctx.tx.organizationDomain.findMany({ where: { organizationId }, orderBy: { domain: 'asc' } });
  return rows.map(show);
}

export async function addDomain(ctx: OrganizationCommandCtx, input: z.output<typeof addDomainInput>): Promise<Audited<OrganizationDomain>> {
  const organizationId = ctx.organization.id;
  const own = await ctx.tx.organizationDomain.findMany({ where: { organizationId }, select: { domain: true } });
  if (own.length >= MAX_DOMAINS) throw limitExceeded(`An organization has at most ${MAX_DOMAINS} domains.`);
  if (own.some(({ domain }) => domain === input.domain)) throw conflict(`The domain "${input.domain}" is there already.`);
  const row = await ctx.tx.organizationDomain.create({
    data: { id: uuidv7(Date.now()), organizationId, domain: input.domain, token: randomBytes(16).toString('hex') },
  });
  return audited(show(row), { target: { kind: 'domain', id: row.id }, before: null, after: { domain: row.domain } });
}

/**
 * Asks DNS for the record.
 * @throws PRECONDITION_FAILED when it is not there, CONFLICT when the domain is another organization's.
 */
export async function verifyDomain(ctx: OrganizationCommandCtx, input: z.output<typeof domainInput>): Promise<Audited<OrganizationDomain>> {
  const organizationId = ctx.organization.id;
  const row = await find(ctx, organizationId, input.domain);
  const { name, value } = recordOf(row);
  const found = await lookUp(name, ctx.settings);
  if (!found.includes(value)) {
    const seen = found.length > 0 ? `says ${JSON.stringify(found.slice(0, 3)).slice(0, 200)}` : 'is not there (yet)';
    throw preconditionFailed(`The TXT record ${name} ${seen}; expected "${value}". New records may take an hour to be seen.`);
  }
  try {
    const updated = await ctx.tx.organizationDomain.update({ where: { id: row.id }, data: { verifiedAt: new Date() } });
    return audited(show(updated), {
      target: { kind: 'domain', id: row.id },
      before: { verified: row.verifiedAt !== null },
      after: { verified: true },
    });
  } catch (error) {
    if (sqlState(error) === '23505' || (error as { code?: string }).code === 'P2002')
      throw conflict(`The domain "${row.domain}" belongs to another organization of this server.`);
    throw error;
  }
}

export async function removeDomain(ctx: OrganizationCommandCtx, input: z.output<typeof domainInput>): Promise<Audited<{ removed: true }>> {
  const organizationId = ctx.organization.id;
  const { id, domain, verifiedAt } = await find(ctx, organizationId, input.domain);
  await ctx.tx.organizationDomain.delete({ where: { id } });
  return audited(
    { removed: true as const },
    { target: { kind: 'domain', id }, before: { domain, verified: verifiedAt !== null }, after: null },
  );
}

async function find(ctx: OrganizationCtx, organizationId: string, domain: string): Promise<Row> {
  const row = await ctx.tx.organizationDomain.findFirst({ where: { id: toUuid('domain', domain), organizationId } });
  if (!row) throw notFound('domain', domain);
  return row;
}

async function lookUp(name: string, settings: Pick<Settings, 'dnsServers'>): Promise<string[]> {
  const resolver = new Resolver({ timeout: LOOKUP_MS, tries: 1 });
  if (settings.dnsServers.length > 0) resolver.setServers(settings.dnsServers);
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw preconditionFailed(`DNS did not answer about ${name} (${code ?? 'unknown'}). Try again in a moment.`);
  }
}

function recordOf(row: Row): { name: string; value: string } {
  return { name: `_signalbox.${row.domain}`, value: `signalbox-verification=${row.token}` };
}

function show(row: Row): OrganizationDomain {
  return {
    id: toId('domain', row.id),
    domain: row.domain,
    verifiedAt: row.verifiedAt?.toISOString() ?? null,
    record: recordOf(row),
  };
}
